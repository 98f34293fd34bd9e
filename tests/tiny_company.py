"""A workspace small enough to read: two regions, three roles, four customers, orders of theirs."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from tests.workspace_files import write_files

FILES = {
    "salesrules.toml": """
        pack = "tiny"
        [sources.tiny]
        folder = "data"
        [sources.tiny.person]
        file = "person.csv"
        [sources.tiny.customer]
        file = "customer.csv"
        [sources.tiny.order]
        file = "order.csv"
        """,
    "rules/tiny/pack.yaml": """
        # yaml-language-server: $schema=../../salesrules/schema/pack.schema.json
        pack: tiny
        version: 1.0.0
        label: {en: Tiny company, zh: 小公司}
        currency: CNY
        timezone: Asia/Shanghai
        """,
    "rules/tiny/dimensions.yaml": """
        # yaml-language-server: $schema=../../salesrules/schema/dimensions.schema.json
        dimensions:
          region:
            label: {en: Region, zh: 区域}
            members: {file: data/region.csv}
        """,
    "rules/tiny/entities.yaml": """
        # yaml-language-server: $schema=../../salesrules/schema/entities.schema.json
        entities:
          person:
            label: {en: Salesperson, zh: 销售人员}
            key: id
            fields:
              id:   {type: text, category: basics, label: {en: Number, zh: 工号}}
              name: {type: text, category: basics, label: {en: Name, zh: 姓名}}
          customer:
            label: {en: Customer, zh: 客户}
            key: id
            fields:
              id:     {type: text, category: basics, label: {en: Number, zh: 编号}}
              name:   {type: text, category: basics, label: {en: Name, zh: 名称}}
              region: {type: member, dimension: region, category: basics}
              owner:  {type: ref, to: person, category: basics, label: {en: Owner, zh: 负责人}}
              phone:  {type: text, category: contact, label: {en: Phone, zh: 电话}}
          order:
            label: {en: Order, zh: 订单}
            key: [number, line]
            fields:
              number:   {type: text, category: deal, label: {en: Number, zh: 单号}}
              line:     {type: text, category: deal, label: {en: Line, zh: 行号}}
              customer: {type: ref, to: customer, category: deal, label: {en: Customer, zh: 客户}}
              amount:   {type: money, category: deal, label: {en: Amount, zh: 金额}}
        categories:
          basics:  {label: {en: basic profile, zh: 基本资料}, steward: manager}
          contact: {label: {en: contact details, zh: 联系方式}, steward: manager}
          deal:    {label: {en: deals, zh: 订单与金额}, steward: manager, smallest_group: 2}
        """,
    "rules/tiny/roles.yaml": """
        # yaml-language-server: $schema=../../salesrules/schema/roles.schema.json
        roles:
          rep:     {label: {en: Sales representative, zh: 销售代表}, scope: [region]}
          manager: {label: {en: Sales manager, zh: 销售经理}, includes: [rep], scope: [region]}
          auditor: {label: {en: Auditor, zh: 审计}}
        posts: {file: data/post.csv}
        """,
    "rules/tiny/kpis.yaml": """
        # yaml-language-server: $schema=../../salesrules/schema/kpis.schema.json
        kpis:
          sales:
            label: {en: Sales, zh: 销售额}
            note: {en: "order amounts, with tax", zh: 订单金额，含税}
            of: order
            formula: sum(amount)
            unit: CNY
        """,
    "policies/tiny/slices.yaml": """
        # yaml-language-server: $schema=../../salesrules/schema/slices.schema.json
        slices:
          mine:
            label: {en: mine, zh: 我负责的}
            rows: {customer: owner = user, order: customer.owner = user}
          my_patch:
            label: {en: my patch, zh: 本辖区}
            rows: {customer: "within(region, post.region)", order: "within(customer.region, post.region)"}
          all:
            label: {en: all, zh: 全部}
            rows: {"*": "true"}
        """,
    "policies/tiny/grants.csv": """
        effect,role,action,object,category,slice,from,to,note
        allow,rep,read,customer,*,mine,,,
        allow,rep,read,customer,basics,my_patch,,,
        allow,rep,read,order,deal,mine,,,
        allow,manager,read,customer,*,my_patch,,,
        allow,manager,read,order,deal,my_patch,,,
        allow,auditor,aggregate,order,deal,all,,,
        allow,auditor,aggregate,customer,basics,all,,,
        """,
    "data/region.csv": """
        id,parent
        华东,
        上海,华东
        华南,
        """,
    "data/person.csv": """
        id,name
        P-1,李娜
        P-2,王伟
        P-3,赵敏
        P-4,孙莉
        """,
    "data/post.csv": """
        person,role,region,from,to
        P-1,rep,上海,,
        P-2,manager,华东,,
        P-3,auditor,,,
        P-4,rep,上海,2001-01-01,2002-01-01
        """,
    "data/customer.csv": """
        id,name,region,owner,phone
        C-1,远山机械,上海,P-1,13800000001
        C-2,晨光化工,上海,P-2,13800000002
        C-3,<b>白云&电子</b>,华东,P-2,13800000003
        C-4,南海贸易,华南,,13800000004
        """,
    "data/order.csv": """
        number,line,customer,amount
        S-1,1,C-1,1000.50
        S-1,2,C-1,200.00
        S-2,1,C-2,3000.00
        S-3,1,C-3,40000.00
        S-4,1,C-4,500000.00
        """,
}


def make(folder: Path, changes: Mapping[str, Mapping[str, str]] | None = None) -> Path:
    """Write the workspace into a folder; `changes` are texts of a file to put in the place of others."""
    files = {name: dedent(text).lstrip() for name, text in FILES.items()}
    for name, pairs in (changes or {}).items():
        for old, new in pairs.items():
            assert old in files[name], (name, old)
            files[name] = files[name].replace(old, new)
    return write_files(folder, files)
