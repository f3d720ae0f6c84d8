"""What a slot needs: a free counter and, if the office keeps one for the language, a free interpreter."""

from sqlalchemy import select

from office.sites import Site
from office.store import Work
from office.tables import Resource


def sync_resources(work: Work) -> None:
    """Make the counters the site files name exist; one no longer named is kept but not offered."""
    known = {resource.id: resource for resource in work.session.scalars(select(Resource))}
    wanted = {key: site for site in work.sites.values() for key in counter_ids(site)}
    for key, site in wanted.items():
        if key in known:
            known[key].active = True
        else:
            work.session.add(Resource(id=key, site=site.id, kind="counter", languages=None, active=True))
    for resource in known.values():
        if resource.kind == "counter" and resource.id not in wanted:
            resource.active = False
    work.session.flush()


def counter_ids(site: Site) -> list[str]:
    """Return the ids of the site's counters; none where no appointments are given."""
    count = site.appointments.counters if site.appointments else 0
    return [f"{site.id}:counter:{number}" for number in range(1, count + 1)]


def add_interpreter(work: Work, site_id: str, name: str, languages: list[str]) -> Resource:
    """Let slots for these languages depend on this interpreter from now on.

    `name` is a short handle, not a person's name.
    """
    resource = Resource(
        id=f"{site_id}:interpreter:{name}", site=site_id, kind="interpreter", languages=languages, active=True
    )
    work.session.add(resource)
    work.session.flush()
    return resource


def needs(work: Work, site_id: str, language: str | None) -> list[list[str]]:
    """Return groups of resource ids; a slot takes one resource out of each group.

    `language` is the language to be interpreted; None, or a language for which the office keeps no
    interpreter, needs none. A site without counters gives one empty group: nothing is ever free there.
    """
    rows = work.session.scalars(
        select(Resource).where(Resource.site == site_id, Resource.active).order_by(Resource.id)
    ).all()
    groups = [[row.id for row in rows if row.kind == "counter"]]
    interpreters = [row.id for row in rows if row.kind == "interpreter" and language in (row.languages or [])]
    if interpreters:
        groups.append(interpreters)
    return groups
