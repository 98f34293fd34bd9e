"""Nothing leaks sideways: no page of a person changes with what the person does not see."""

import pytest

from salesrules.workspace import Workspace
from salesrules_web import create_app
from tests import tiny_company
from tests.web_pages import MANAGER, REP, entered


def whole(client, path):
    """Everything of an answer but the hour."""
    answer = client.get(path)
    return answer.status, answer.data, [header for header in answer.headers if header[0] != "Date"]


PATHS = (
    "/",
    "/records/customer",
    "/records/order",
    "/records/customer?page=2",
    "/records/customer?where=phone is null",
    "/records/customer?where=not (phone like '%3' or name = 'x')&sort=-phone",
    "/records/customer?where=customer is null",
    "/records/order?where=customer.phone is not null&sort=-customer.phone&columns=number,customer.name,customer.phone",
    "/records/customer/download?as=csv",
    "/kpis/sales",
    "/kpis/sales?by=customer",
    "/kpis/sales?by=customer.region",
    "/kpis/sales?by=customer.region&by=customer",
    "/kpis/sales/download?as=csv",
    "/why/customer?key=C-2",
    "/why/customer?key=C-2&field=phone",
    "/why/customer?key=C-3",
    "/why/customer?key=C-4&field=phone",
    "/why/order?key=S-3/1",
    "/matrix?entity=customer",
    "/pack",
    "/pack/grants",
)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("file", "line", "instead"),
    [
        ("customer.csv", "C-2,晨光化工,上海,P-2,13800000002\n", "C-2,晨光化工,上海,P-2,none\n"),
        ("customer.csv", "C-3,<b>白云&电子</b>,华东,P-2,13800000003\n", ""),
        ("customer.csv", "C-4,南海贸易,华南,,13800000004\n", "C-4,北海贸易,华东,P-2,\n"),
        ("order.csv", "S-3,1,C-3,40000.00\n", "S-3,1,C-3,7.00\n"),
        ("order.csv", "S-3,1,C-3,40000.00\n", ""),
    ],
)
def test_what_a_person_does_not_see_changes_no_page_by_a_byte(tmp_path, app, lang, file, line, instead):
    """A record that is not seen answers like one that does not exist; the manager, who sees it, sees it change."""
    table = tiny_company.make(tmp_path) / "data" / file
    before = table.read_text(encoding="utf-8")
    assert line in before
    table.write_text(before.replace(line, instead), encoding="utf-8")
    changed = create_app(Workspace.open(tmp_path))

    def pages(app, person):
        client = entered(app, person, lang)
        return {path: whole(client, path) for path in PATHS}

    assert pages(app, REP) == pages(changed, REP)
    assert pages(app, MANAGER) != pages(changed, MANAGER)
