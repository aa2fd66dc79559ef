"""Types of need, by the codes that schools' systems and the census use."""

NEEDS = {
    "SPLD": "Specific learning difficulty",
    "MLD": "Moderate learning difficulty",
    "SLD": "Severe learning difficulty",
    "PMLD": "Profound and multiple learning difficulty",
    "SEMH": "Social, emotional and mental health",
    "SLCN": "Speech, language and communication needs",
    "HI": "Hearing impairment",
    "VI": "Vision impairment",
    "MSI": "Multi-sensory impairment",
    "PD": "Physical disability",
    "ASD": "Autistic spectrum disorder",
    "DS": "Down syndrome",
    "OTH": "Other difficulty or disability",
    "NSA": "SEN support but no specialist assessment of type of need",
}


def needs_in_words(primary: str, secondary: str) -> str:
    """Give the needs, the first one first: "Vision impairment, then physical disability"."""
    first, second = (NEEDS.get(code, code) for code in (primary, secondary))
    if not (first and second):
        return first or second
    # Only the first letter falls: "then autistic spectrum disorder", but "then SEN support …".
    lower = second if second[:2].isupper() else second[:1].lower() + second[1:]
    return f"{first}, then {lower}"
