"""The API described in plain HTML from its OpenAPI document; nothing is loaded from elsewhere."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment

PAGE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} API</title></head><body><main>
<h1>{{ title }} API</h1>
<p><a href="/openapi.json">openapi.json</a></p>
{% for route in routes %}
<section><h2><code>{{ route.method }} {{ route.path }}</code></h2>
<p>{{ route.about }}</p>
{% if route.fields %}<table><tbody>
{% for name, about in route.fields %}<tr><th scope="row"><code>{{ name }}</code></th><td>{{ about }}</td></tr>
{% endfor %}</tbody></table>{% endif %}
{% for example in route.examples %}<pre>{{ example }}</pre>
{% endfor %}</section>
{% endfor %}
</main></body></html>
"""
)


def router(app: FastAPI) -> APIRouter:
    """Return the route of the page."""
    routes = APIRouter()

    @routes.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(PAGE.render(title=app.title, routes=list(described(app.openapi()))))

    return routes


def described(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one row per operation of an OpenAPI document."""
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            fields = [(name, schema.get("description", "")) for name, schema in body.get("properties", {}).items()]
            fields += [(p["name"], p.get("description", p["in"])) for p in operation.get("parameters", ())]
            examples = [json.dumps(example, ensure_ascii=False) for example in body.get("examples", ())]
            found.append(
                {
                    "method": method.upper(),
                    "path": path,
                    "about": operation.get("description", ""),
                    "fields": fields,
                    "examples": examples,
                }
            )
    return found
