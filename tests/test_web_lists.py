"""Lists as pages: which cells they show to whom, filters, order, columns, and files."""

import re

import pytest

from salesrules.workspace import Workspace
from salesrules_web import create_app
from tests import tiny_company
from tests.web_pages import AUDITOR, MANAGER, REP, entered, said

# what is seen


def test_a_hidden_cell_is_marked_and_is_not_in_the_page(as_):
    page = as_(REP).get("/records/customer")
    assert "Customer: 2 records (1 in full, 1 without contact details), through mine, my patch" in said(page)
    assert "13800000001" in page.text
    assert "13800000002" not in page.text
    assert 'class="hidden" href="/why/customer?key=C-2&amp;field=phone">hidden' in page.text


@pytest.mark.parametrize("path", ["/", "/records/customer", "/records/order", "/kpis/sales", "/kpis/sales?by=customer"])
def test_rows_of_others_are_not_in_the_page(as_, path):
    page = as_(REP).get(path).text
    for theirs in ("C-3", "白云", "C-4", "南海", "3,000.00", "40,000.00", "44,200.50", "544,200.50"):
        assert theirs not in page


@pytest.mark.parametrize(
    ("person", "records", "figure"),
    [
        (REP, "2 records (1 in full, 1 without contact details)", "1,200.50 CNY over 2 records"),
        (MANAGER, "3 records (3 in full)", "44,200.50 CNY over 4 records"),
        (AUDITOR, "0 records of Customer: no grant shows you any", "544,200.50 CNY over 5 records"),
    ],
)
def test_the_same_questions_have_other_answers_for_other_people(as_, person, records, figure):
    client = as_(person)
    assert records in said(client.get("/records/customer"))
    assert figure in said(client.get("/kpis/sales"))


def test_only_what_can_be_asked_is_offered(as_):
    assert re.findall(r'href="/(?:records|kpis)/(\w+)"', as_(AUDITOR).get("/login").text) == ["sales"]
    assert re.findall(r'href="/(?:records|kpis)/(\w+)"', as_(REP).get("/login").text) == ["customer", "order", "sales"]


def test_the_texts_of_records_are_texts(as_):
    page = as_(MANAGER).get("/records/customer").text
    assert "&lt;b&gt;白云&amp;电子&lt;/b&gt;" in page
    assert "<b>" not in page


@pytest.mark.parametrize("number", ["1", "0", "-3", "many", ""])
def test_nonsense_for_a_page_number_is_the_first_page(as_, number):
    assert "Records 1 to 2 of 2" in said(as_(REP).get(f"/records/customer?page={number}"))


@pytest.mark.parametrize("number", ["2", "99999999999999999999"])
def test_a_page_past_the_end_says_so(as_, number):
    assert "There are only 2 rows" in said(as_(REP).get(f"/records/customer?page={number}"))


@pytest.mark.parametrize(
    ("role", "refused"), [("rep", {"gross_margin"}), ("manager", set()), ("auditor", {"gross_margin"})]
)
def test_every_page_that_is_offered_to_a_role_answers(demo, role, refused):
    """In the larger company: each role follows every link and every grouping that its pages show."""
    opened, made = demo
    client = entered(create_app(opened), getattr(made, role))
    ahead, seen = ["/"], set()
    while ahead:
        page = client.get(path := ahead.pop())
        assert page.status_code == 200, path
        seen.add(path)
        links = re.findall(r'href="(/(?:records|kpis)/\w+)"', page.text)
        groups = [f"{path}?by={name}" for name in re.findall(r'<option value="([\w.]+)"', page.text)]
        ahead += {*links, *(groups if "?" not in path else [])} - seen - set(ahead)
    assert {f"/kpis/{kpi}" for kpi in opened.pack.kpis} - seen == {f"/kpis/{kpi}" for kpi in refused}


# filter, order, columns, files


def test_a_filter_shows_what_matches_and_counts_what_it_may_not_look_at(as_):
    page = as_(REP).get("/records/customer", query_string={"where": "phone like '13%' and name is not null"})
    assert "1 record matches (1 in full), through mine, my patch" in said(page)
    assert "1 of your records hides a field that the filter asks about" in said(page)
    assert 'value="phone like &#39;13%&#39; and name is not null"' in page.text


def test_a_mistake_in_a_filter_is_marked_and_no_record_is_shown(as_):
    page = as_(REP).get("/records/customer", query_string={"where": "name = 'x' and fone is null"})
    assert page.status_code == 400
    assert "unknown field `fone` in `customer`; did you mean `phone`?" in said(page)
    assert "<code>name = &#39;x&#39; and <mark>fone</mark> is null</code>" in page.text
    assert "C-1" not in page.text


def test_a_filter_on_what_no_grant_opens_is_refused(as_):
    page = as_(AUDITOR).get("/records/customer", query_string={"where": "phone is null"})
    assert (page.status_code, "which no grant opens to you" in said(page)) == (403, True)


def test_heads_sort_and_say_how_the_list_is_sorted(as_):
    client = as_(MANAGER)
    page = client.get("/records/customer?where=owner = user").text
    href = re.search(r'<th scope="col"><a href="([^"]+)">Name</a>', page)[1].replace("&amp;", "&")
    page = client.get("/records/customer" + href).text
    assert re.findall(r'aria-sort="(\w+)"><a href="[^"]+">(\w+)<', page) == [("ascending", "Name")]
    assert re.findall(r">(C-\d)<", page) == ["C-3", "C-2"]
    href = re.search(r'aria-sort="ascending"><a href="([^"]+)"', page)[1].replace("&amp;", "&")
    page = client.get("/records/customer" + href).text
    assert re.findall(r">(C-\d)<", page) == ["C-2", "C-3"]


def test_a_column_that_no_grant_opens_cannot_be_sorted_by(tmp_path):
    root = tiny_company.make(tmp_path)
    grants = root / "policies/tiny/grants.csv"
    grants.write_text(grants.read_text(encoding="utf-8").replace("customer,*,mine", "customer,basics,mine"), "utf-8")
    page = entered(create_app(Workspace.open(root)), REP).get("/records/customer").text
    assert re.search(r'<th scope="col">Phone</th>', page)
    assert re.search(r'<th scope="col"><a href="[^"]+">Name</a></th>', page)


def test_chosen_columns_stay_on_every_link(as_):
    page = as_(REP).get("/records/customer?columns=id&columns=phone").text
    assert re.findall(r'<th scope="col"><a href="([^"]+)">(\w+)</a>', page) == [
        ("?columns=id&amp;columns=phone&amp;lang=en&amp;sort=id&amp;page=1", "Number"),
        ("?columns=id&amp;columns=phone&amp;lang=en&amp;sort=phone&amp;page=1", "Phone"),
    ]


@pytest.fixture(scope="module")
def exporting(tmp_path_factory):
    """The pages of a company where phones are masked and some of the customers may be exported."""
    root = tiny_company.make(tmp_path_factory.mktemp("exporting"))
    with (root / "policies/tiny/grants.csv").open("a", encoding="utf-8") as grants:
        grants.write("allow,rep,export,customer,basics,mine,,,\n")
    fields = root / "rules/tiny/entities.yaml"
    masked = fields.read_text(encoding="utf-8").replace(
        "category: contact,", "category: contact, mask: {keep_last: 4},"
    )
    fields.write_text(masked, encoding="utf-8")
    return create_app(Workspace.open(root))


def test_a_masked_cell_shows_its_end_and_says_that_it_is_masked(exporting):
    page = entered(exporting, REP).get("/records/customer").text
    assert "1380000000" not in page.replace("13800000001", "")
    assert 'field=phone">••••0002<span class="unseen"> (partly hidden) why?</span>' in page


def test_files_hold_what_may_be_exported(exporting):
    client = entered(exporting, REP)
    links = re.findall(r'href="(/records/customer/download[^"]+)"', client.get("/records/customer?sort=-id").text)
    assert [re.search(r"as=(\w+)", link)[1] for link in links] == ["csv", "json", "xlsx", "parquet"]
    file = client.get(links[0].replace("&amp;", "&"))
    assert file.headers["Content-Disposition"] == "attachment; filename=customer.csv"
    assert file.headers["Cache-Control"] == "no-store"
    assert file.text == "id,name,region,owner,phone,hidden\nC-1,远山机械,上海,P-1,,phone\n"


def test_without_the_right_there_is_no_link_and_no_file(as_):
    client = as_(REP)
    assert "download" not in client.get("/records/customer").text
    answer = client.get("/records/customer/download?as=csv")
    assert (answer.status_code, "no grant lets you export anything" in said(answer)) == (403, True)
