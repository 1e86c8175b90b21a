"""The fields of the hours editor, as a browser would send them."""


def week_of(response) -> dict[str, str]:
    week = response.context["week"]
    data = {"version": str(response.context["version"]), "holiday_rule": week.holiday_rule}
    if response.context["agreed"]:
        data["agreed"] = str(response.context["agreed"])
    for day in week.days:
        for row in day.rows:
            data |= {f"{row.name}-opens": row.opens, f"{row.name}-closes": row.closes}
            if row.by_appointment:
                data[f"{row.name}-appointment"] = "on"
    return data
