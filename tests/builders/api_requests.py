"""Requests made from the description of the API: for any operation one that is about a given set of ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DATES = {"on": "2027-06-01", "since": "2027-06-01", "starts": "2027-06-01", "start": "2027-06-01"}
LATER = dict.fromkeys(("end", "expires", "until"), "2027-09-01")


@dataclass(frozen=True)
class ApiRequest:
    """What is sent."""

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    content: bytes | None = None


@dataclass(frozen=True)
class Description:
    """The OpenAPI document, and requests made from it."""

    document: Mapping[str, Any]

    @property
    def operations(self) -> dict[str, tuple[str, str, Mapping[str, Any]]]:
        """Operation → method, path and all that is said of it."""
        return {
            operation["operationId"]: (method.upper(), path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        }

    def request(self, name: str, values: Mapping[str, Any]) -> ApiRequest:
        """A request for an operation with these values for parameters and fields of these names."""
        method, path, operation = self.operations[name]
        query = {}
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", str(self._value(parameter, values)))
            elif parameter["in"] == "query" and (parameter.get("required") or parameter["name"] in values):
                query[parameter["name"]] = self._value(parameter, values)
        body, content = None, None
        for kind, told in operation.get("requestBody", {}).get("content", {}).items():
            if kind == "application/json":
                body = self._made(told["schema"], values)
            else:
                content = b"account_id,name\nnew-1,New\n"
        return ApiRequest(method, path, query, body, content)

    def _value(self, parameter: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
        name = parameter["name"]
        return values[name] if name in values else self._made(parameter["schema"], values, name)

    def _made(self, schema: Mapping[str, Any], values: Mapping[str, Any], name: str = "") -> Any:
        """A value the schema allows; those of `values` where a name is known."""
        if "$ref" in schema:
            return self._made(self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], values, name)
        known = {**DATES, **LATER, **values}
        if name in known and schema.get("type") not in ("array", "object"):
            return known[name]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for choice in ("anyOf", "oneOf"):
            if choice in schema and "type" not in schema:
                return self._made(schema[choice][0], values, name)
        kind = schema.get("type")
        if kind == "object" and "properties" in schema:
            wanted = [part for part in schema["properties"] if part in schema.get("required", []) or part in values]
            return {part: self._made(schema["properties"][part], values, part) for part in wanted}
        if kind == "object":
            return dict(values.get(name, {})) if name in values else {}
        if kind == "array":
            return [self._made(schema["items"], values, name.removesuffix("s"))]
        if kind == "boolean":
            return False
        if kind in ("integer", "number"):
            return max(1, schema.get("minimum", 1))
        return "because it is so"
