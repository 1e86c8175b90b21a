// A point on the map, moved by the arrow keys: a little, or with Shift further.

export const STEP = 2; // metres, and with Shift:
export const LEAP = 20;
export const METRES_PER_DEGREE = 111195;
export const WAYS = {
  ArrowUp: [1, 0],
  ArrowDown: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
};

/** [latitude, longitude], so many metres that way. */
export function moved([latitude, longitude], way, metres) {
  const [north, east] = WAYS[way];
  const degrees = metres / METRES_PER_DEGREE;
  const across = Math.cos((latitude * Math.PI) / 180);
  return [latitude + north * degrees, longitude + (east * degrees) / across];
}

/** The words for that way, of an element's data: data-arrow-up="%s m vers le nord.". */
export function toldMove(words, way, metres) {
  return words[way[0].toLowerCase() + way.slice(1)].replace("%s", metres);
}
