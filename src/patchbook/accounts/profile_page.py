"""The profile as one HTML page that needs nothing but itself."""

from __future__ import annotations

from importlib import resources

from patchbook.accounts.fields import FIELDS
from patchbook.accounts.profile import Histogram, Profile, short

_TITLES = {field.name: field.title for field in FIELDS}


def page(found: Profile) -> str:
    """The page as text: light and dark, readable on a telephone, no script and no address of another place."""
    from jinja2 import Environment, StrictUndefined

    template = resources.files("patchbook.accounts").joinpath("profile.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["short"] = short
    accounts = found.accounts
    histograms = {histogram.field: histogram for histogram in found.histograms}
    columns = {mapped.field: mapped for mapped in accounts.mapping}
    return environment.from_string(template).render(
        profile=found,
        accounts=accounts,
        quality=found.quality,
        fields=[
            {
                "name": one.field,
                "title": _TITLES.get(one.field, "A field of your own"),
                "column": columns[one.field].column if one.field in columns else "",
                "reason": columns[one.field].reason if one.field in columns else "",
                "quality": one,
                "bars": _bars(histograms.get(one.field)),
                "histogram": histograms.get(one.field),
            }
            for one in found.quality.fields
        ],
        families=accounts.families.sizes.head(12).to_dicts(),
        pairs=None if found.duplicates is None else found.duplicates.pairs.head(50).to_dicts(),
        rejected=accounts.rejected.head(100).to_dicts(),
    )


def _bars(histogram: Histogram | None) -> list[dict[str, object]]:
    """Each bar's place in a drawing 240 wide and 48 high."""
    if histogram is None:
        return []
    most, step = max(histogram.counts), 240 / len(histogram.counts)
    return [
        {
            "x": round(step * place, 2),
            "width": round(step - 1.5, 2),
            # A bar of few is still a bar.
            "height": round(max(48 * count / most, 1.0 if count else 0.0), 2),
            "title": f"{label}: {count:,}",
        }
        for place, (count, label) in enumerate(zip(histogram.counts, histogram.labels, strict=True))
    ]
