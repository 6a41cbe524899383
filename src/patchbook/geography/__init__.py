"""Places, offline: where accounts are, how far apart, what touches what, and the outlines to draw.

* `geocode.geocode`               accounts → coordinates, method, precision, county, time zone, density
* `countries.country_codes`, `states.state_codes`   spellings → codes
* `adjacency`                     which counties or accounts touch, with islands bridged
* `counties.county_of_points`     coordinates → US county
* `density`                       accounts around an account, distance to the nearest
* `projection.project`, `shapes.shapes`             coordinates and outlines to draw
* `distance`                      great circles and the globe as Cartesian kilometres (below)
"""

from patchbook.geography.distance import EARTH_RADIUS_KM, from_sphere_km, great_circle_km, to_sphere_km

__all__ = ["EARTH_RADIUS_KM", "from_sphere_km", "great_circle_km", "to_sphere_km"]
