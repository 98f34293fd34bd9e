"""A workspace whose deals go through a process and whose leads wait in a pool: small enough to work out by hand."""

from pathlib import Path

from tests.workspace_files import write_files

FILES = {
    "salesrules.toml": """
        pack = "works"
        [sources.crm]
        folder = "data"
        [sources.crm.person]
        file = "person.csv"
        [sources.crm.deal]
        file = "deal.csv"
        [sources.crm.lead]
        file = "lead.csv"
        """,
    "rules/works/pack.yaml": """
        pack: works
        version: 1.0.0
        label: {en: Works, zh: 小厂}
        currency: CNY
        timezone: Asia/Shanghai
        calendar: cn
        """,
    "rules/works/dimensions.yaml": """
        dimensions:
          region: {label: {en: Region, zh: 区域}, members: {east: {}, south: {}}}
        """,
    "rules/works/entities.yaml": """
        entities:
          person:
            label: {en: Salesperson, zh: 销售人员}
            key: id
            fields:
              id:      {type: text, category: basics}
              manager: {type: ref, to: person, category: basics}
          deal:
            label: {en: Deal, zh: 商机}
            key: id
            fields:
              id:       {type: text, category: basics}
              owner:    {type: ref, to: person, category: basics}
              region:   {type: member, dimension: region, category: basics}
              stage:    {type: stage, process: sales, category: basics}
              agreed:   {type: boolean, category: basics}
              small:    {type: boolean, category: basics}
              amount:   {type: money, category: money}
              discount: {type: percent, category: money}
          lead:
            label: {en: Lead, zh: 线索}
            key: id
            fields:
              id:     {type: text, category: basics}
              owner:  {type: ref, to: person, category: basics}
              region: {type: member, dimension: region, category: basics}
              value:  {type: money, category: money}
        categories:
          basics: {label: {en: Basics, zh: 基本资料}, steward: manager}
          money:  {label: {en: Money, zh: 金额}, steward: manager}
        """,
    "rules/works/roles.yaml": """
        roles:
          rep:     {label: {en: Representative, zh: 销售代表}, scope: [region]}
          helper:  {label: {en: Helper, zh: 助理}, scope: [region]}
          manager: {label: {en: Manager, zh: 经理}, includes: [rep], scope: [region]}
          director: {label: {en: Director, zh: 总监}}
        posts: {file: data/post.csv}
        """,
    "rules/works/tables.yaml": """
        calendars:
          cn:
            week: {mon-fri: ["09:00-12:00", "13:00-18:00"]}
            days: {file: data/days.csv}
        """,
    "rules/works/stages.yaml": """
        processes:
          sales:
            label: {en: Sales, zh: 销售流程}
            entity: deal
            stages:
              - id: talk
                label: {en: Talk, zh: 沟通}
                exit_when: agreed and amount > 0
                tasks:
                  - {id: call, label: {en: Call, zh: 打电话}, due: 2wd, by: owner, required: true, priority: high}
                  - {id: visit, label: {en: Go, zh: 拜访}, due: 4d, by: owner, required: true, when: amount > 999_999}
                  - {id: gift, label: {en: Gift, zh: 送礼}, due: 9d, by: owner.manager}
                next: [trial, lost]
                idle:
                  - {after: 3wd, since: follow_up, do: remind, who: owner}
                  - {after: 5wd, since: follow_up, do: escalate, who: owner.manager}
              - id: trial
                label: {en: Trial, zh: 试用}
                skip_when: small
                next: [offer, lost]
                idle: [{after: 4wh, since: stage, do: remind, who: owner}]
              - id: offer
                label: {en: Offer, zh: 报价}
                enter_when: amount is not null
                approvals:
                  - {when: "discount > 15%", role: manager, within: region}
                  - {when: "discount > 30% or amount >= 1_000_000", role: director}
                next: [won, lost]
                idle: [{after: 6h, since: change, do: remind, who: owner}]
              - {id: won, label: {en: Won, zh: 赢单}, next: []}
              - {id: lost, label: {en: Lost, zh: 输单}, gives_up: true, next: []}
            variants:
              short:
                label: {en: Short, zh: 短}
                stages:
                  - {id: begin, label: {en: Begin, zh: 开始}, is: talk}
                  - {id: price, label: {en: Price, zh: 出价}, is: offer}
              other:
                label: {en: Other, zh: 另一种}
                stages:
                  - {id: begin, label: {en: Start, zh: 起步}, is: talk}
                  - {id: price, label: {en: Prize, zh: 奖}, is: won}
        """,
    "rules/works/assignment.yaml": """
        pools:
          lead_pool:
            label: {en: Lead pool, zh: 线索池}
            entity: lead
            recycle: [{when: "value < 1_000 or value is null", idle: 10wd, remind: 2wd}]
            protect: {for: 7d, since: assign}
        """,
    "policies/works/slices.yaml": """
        slices:
          mine:  {label: {en: Mine, zh: 我的}, rows: {deal: owner = user, lead: owner = user}}
          patch:
            label: {en: Patch, zh: 辖区}
            rows: {deal: "within(region, post.region)", lead: "within(region, post.region)"}
          all:   {label: {en: All, zh: 全部}, rows: {"*": "true"}}
        """,
    "policies/works/grants.csv": """
        effect,role,action,object,category,slice,from,to,note
        allow,rep,read,deal,*,mine,,,
        allow,rep,update,deal,basics,mine,,,
        allow,rep,advance,deal,*,mine,,,
        allow,rep,read,lead,*,mine,,,
        allow,rep,update,lead,*,mine,,,
        allow,helper,read,deal,basics,patch,,,
        allow,helper,advance,deal,*,patch,,,
        allow,manager,read,deal,*,patch,,,
        allow,manager,read,lead,*,patch,,,
        allow,manager,approve,deal,*,patch,,,
        allow,director,read,deal,*,all,,,
        allow,director,approve,deal,*,all,,,
        allow,director,read,person,basics,all,,,
        """,
    "data/person.csv": """
        id,manager
        dai,
        wang,dai
        sun,dai
        li,wang
        he,wang
        chen,sun
        """,
    "data/post.csv": """
        person,role,region,from,to
        dai,director,,,
        wang,manager,east,,
        sun,manager,south,,
        li,rep,east,,
        he,helper,east,,
        chen,rep,south,,
        """,
    "data/deal.csv": """
        id,owner,region,stage,agreed,small,amount,discount
        D-1,li,east,talk,true,false,5000,0.00
        D-2,li,east,talk,false,false,,0.00
        D-3,li,east,talk,true,true,2000000,0.00
        D-4,li,east,offer,true,false,5000,0.20
        D-5,li,east,offer,true,false,1000000,0.40
        D-6,chen,south,talk,true,false,5000,0.00
        D-7,li,east,,true,false,5000,0.00
        D-8,li,east,won,true,false,5000,0.00
        """,
    "data/lead.csv": """
        id,owner,region,value
        L-1,li,east,500
        L-2,li,east,
        L-3,chen,south,5000
        L-4,,east,500
        """,
    # Monday 2026-03-16 is off, Saturday 2026-03-21 is worked instead
    "data/days.csv": """
        date,kind
        2026-01-01,off
        2026-03-16,off
        2026-03-21,work
        """,
}


def make(folder: Path) -> Path:
    """Write the workspace into a folder."""
    return write_files(folder, FILES)


def change(folder: Path, old: str, new: str, file: str = "data/deal.csv") -> None:
    """Edit a file as somebody outside does; what is replaced stands in it once."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


DEVIATIONS = """
deviations:
  behind:
    label: {en: Behind the plan, zh: 未完成计划}
    below: 80%
    days: 2
    of: 3
    tell: manager
  grave:
    label: {en: Far behind the plan, zh: 远未完成计划}
    below: 30%
    days: 2
    severity: high
    tell: manager
"""


def make_with_deviations(folder: Path) -> Path:
    """The workspace with rules about days against their plan."""
    root = make(folder)
    with (root / "rules/works/stages.yaml").open("a", encoding="utf-8") as file:
        file.write(DEVIATIONS.lstrip())
    return root
