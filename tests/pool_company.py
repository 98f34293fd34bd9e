"""A workspace whose leads wait in a pool split by area, with every limit that a pool can have: small, by hand."""

from pathlib import Path

from tests import working_company
from tests.working_company import FILES
from tests.workspace_files import write_files

POOL_FILES = {
    "rules/works/dimensions.yaml": """
        dimensions:
          region:
            label: {en: Region, zh: 区域}
            levels: [{id: area, label: {en: Area, zh: 大区}}, {id: city, label: {en: City, zh: 城市}}]
            members: {east: {sh: {}, nj: {}}, south: {sz: {}}}
        """,
    "rules/works/roles.yaml": """
        roles:
          rep:      {label: {en: Representative, zh: 销售代表}, scope: [region]}
          helper:   {label: {en: Helper, zh: 助理}, scope: [region]}
          manager:  {label: {en: Manager, zh: 经理}, scope: [region]}
          desk:     {label: {en: Lead desk, zh: 线索管理员}}
          area_desk: {label: {en: Lead desk of an area, zh: 大区线索管理员}, includes: [desk], scope: [region]}
          director: {label: {en: Director, zh: 总监}}
        posts: {file: data/post.csv}
        """,
    "rules/works/tables.yaml": """
        tables:
          hold_max:
            label: {en: Holding limit, zh: 保有量上限}
            keys: [region, role]
            value: {type: integer, unit: records, min: 0}
            file: tables/hold_max.csv
          idle_days:
            label: {en: Idle days, zh: 未跟进回收天数}
            keys: [region]
            value: duration
            file: tables/idle_days.csv
        calendars:
          cn:
            week: {mon-fri: ["09:00-12:00", "13:00-18:00"]}
            days: {file: data/days.csv}
        """,
    "tables/hold_max.csv": """
        region,role,value,from,to
        east,rep,2,,
        """,
    "tables/idle_days.csv": """
        region,value
        nj,5d
        sh,3wd
        """,
    "rules/works/assignment.yaml": """
        pools:
          lead_pool:
            label: {en: Lead pool, zh: 线索池}
            entity: lead
            per: region/area
            members: post.role = 'rep' and within(region, post.region)
            manager: desk
            before_claim: {hide: [contact], except: [director]}
            delay: 2h
            claim: {per_day: 2, hold_max: "hold_max(region, post.role)", cooldown: 3d, not_counted: value >= 10_000}
        """,
    "policies/works/slices.yaml": """
        slices:
          mine: {label: {en: Mine, zh: 我的}, rows: {deal: owner = user, lead: owner = user}}
          patch:
            label: {en: Patch, zh: 辖区}
            rows: {deal: "within(region, post.region)", lead: "within(region, post.region)"}
          waiting: {label: {en: Nobody's, zh: 无主的}, rows: {lead: "slice(patch) and owner is null"}}
          all: {label: {en: All, zh: 全部}, rows: {"*": "true"}}
        """,
    "policies/works/grants.csv": """
        effect,role,action,object,category,slice,from,to,note
        allow,rep,read,lead,*,patch,,,
        allow,rep,claim,lead,*,waiting,,,
        allow,rep,return,lead,*,mine,,,
        allow,rep,update,lead,*,mine,,,
        allow,helper,read,lead,basics,patch,,,
        allow,helper,claim,lead,*,patch,,,
        allow,manager,read,lead,*,patch,,,
        allow,manager,transfer,lead,*,patch,,,
        allow,desk,read,lead,basics,all,,,
        allow,desk,assign,lead,*,all,,,
        allow,director,read,lead,*,all,,,
        allow,director,assign,lead,*,all,,,
        """,
    "data/person.csv": """
        id,manager
        dai,
        wang,dai
        sun,dai
        li,wang
        he,wang
        chen,sun
        zhao,wang
        ops,dai
        eo,ops
        """,
    "data/post.csv": """
        person,role,region,from,to
        dai,director,,,
        wang,manager,east,,
        sun,manager,south,,
        li,rep,east,,
        he,rep,nj,,
        chen,rep,south,,
        zhao,helper,east,,
        ops,desk,,,
        eo,area_desk,east,,
        """,
    "data/lead.csv": """
        id,owner,region,value,phone,ends
        L-1,,nj,500,13700001111,
        L-2,,sh,500,13700002222,
        L-3,,sh,20000,13700003333,
        L-4,,sz,500,13700004444,
        L-5,,,500,13700005555,
        L-6,,east,500,13700006666,
        L-7,li,sh,500,13700007777,2026-03-20
        L'8,,nj,500,13700008888,
        """,
}
_ENTITIES = FILES["rules/works/entities.yaml"]
_ENTITIES = _ENTITIES.replace(
    "value:  {type: money, category: money}\n        categories",
    "value:  {type: money, category: money}\n"
    "              phone:  {type: text, category: contact}\n"
    "              ends:   {type: date, category: basics}\n        categories",
)
_ENTITIES = _ENTITIES.replace(
    "          money:  {label",
    "          contact: {label: {en: Contact, zh: 联系方式}, steward: desk}\n          money:  {label",
)
POOL_FILES["rules/works/entities.yaml"] = _ENTITIES


def make(folder: Path, *, log: bool = False) -> Path:
    """Write the workspace; with `log` the log is right about who has a lead, else the table."""
    working_company.make(folder)
    write_files(folder, POOL_FILES)
    if log:
        working_company.change(
            folder, 'file = "lead.csv"', 'file = "lead.csv"\ncolumns = {owner = "-"}', "salesrules.toml"
        )
    return folder


def make_with_clocks(folder: Path) -> Path:
    """The same, log and all, with a pool that takes leads back."""
    make(folder, log=True)
    last = "not_counted: value >= 10_000}\n"
    rules = """\
    recycle:
      - {when: value < 10_000, idle: idle_days(region), remind: 2d, escalate: 1wd}
      - {when: ends is not null, on: ends + 3d, remind: 3d}
    protect: {for: 2d, since: claim}
conflicts:
  lead: {same_when: [normalize(phone)], first: ends, valid_for: 180d, judge: manager, rule_of: event_date}
"""
    working_company.change(folder, last, last + rules, "rules/works/assignment.yaml")
    return folder
