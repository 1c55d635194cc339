"""The verbs that the rules know, in English and Chinese, and which tools they ask for.

A tool's own name and aliases are known besides these: a plugin needs nothing here. The lists of other verbs serve
honesty only: a part of a sub-goal that begins with one is told as beyond the rules, and not passed over.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.model.offline.words import in_order, words_of


@dataclass(frozen=True, slots=True)
class Concept:
    """What a verb means. `tools` are names of tools that do it, best first; phrases stand at a sub-goal's head."""

    name: str
    tools: tuple[str, ...]
    english: tuple[str, ...]
    chinese: tuple[str, ...]


PUT_SOMEWHERE = tuple(
    f"{verb}{way}"
    for verb in in_order("写 存 保存 另存 转存 存放 放 放置 输出 导出 记录 整理 汇总")
    for way in in_order("入 到 进 为 成 在 至 于 回")
    if verb + way != "存在"  # which is "to exist"
)
"""Chinese verbs that put something somewhere, with each of the characters that lead to the place."""

CONCEPTS = (
    Concept(
        "recall",
        ("recall",),
        (
            "recall",
            "recollect",
            "what do you know about",
            "what do you know of",
            "what do you remember",
            "what did you remember",
            "what have you remembered",
            "what is in your memory",
            "what do you have in memory",
            "what do you know about me",
            "do you remember",
            "do you know anything about",
            "tell me what you know about",
            "tell me what you remember",
            "search your memory",
            "search the memory",
            "look in your memory",
            "look up in memory",
        ),
        in_order(
            """回忆 回想 想起 你知道什么 你还记得 你都记得 你记得 你记住了 你都记住了 你有哪些记忆 你的记忆里有
            你知道哪些 从记忆中 在记忆中 查询记忆 检索记忆"""
        ),
    ),
    Concept(
        "remember",
        ("remember",),
        (
            "remember",
            "memorise",
            "memorize",
            "keep in mind",
            "note that",
            "note down",
            "make a note",
            "take a note",
            "take note",
            "write down that",
            "store in memory",
            "save to memory",
        ),
        ("记住", "牢记", "记下来", "记下", "记一下", "记录下来", "存入记忆", "保存到记忆"),
    ),
    Concept(
        "summarise",
        ("summarize_file", "summarise_file"),
        (
            "summarise",
            "summarize",
            "sum up",
            "give a summary of",
            "give me a summary of",
            "give an overview of",
            "give me an overview of",
            "make a summary of",
            "condense",
            "digest",
            "outline",
            "recap",
            "describe",
            "review",
            "summary of",
            "a summary of",
            "overview of",
            "an overview of",
            "highlights of",
            "the highlights of",
            "give me the highlights of",
            "the gist of",
            "give me the gist of",
            "give me the key points of",
            "give me the main points of",
            "tl;dr",
            "tldr",
            "key points of",
            "the key points of",
            "main points of",
            "the main points of",
            "extract the key points",
            "extract the main points",
            "extract key points",
            "list the key points",
            "list the main points",
            "list key points",
            "collect the key facts",
            "collect the key points",
            "collect the main points",
            "gather the key facts",
            "gather the key points",
            "extract the key facts",
            "pull out the key points",
        ),
        in_order(
            """总结 汇总 概括 归纳 概述 摘要 提炼 提取要点 提取关键点 列出要点 列出关键点 简述 综述 讲讲 说说 介绍"""
        ),
    ),
    Concept(
        "append",
        ("write_file",),
        ("append", "add"),
        ("追加", "添加", "附加"),
    ),
    Concept(
        "edit",
        ("edit_file",),
        ("replace", "substitute", "edit", "change", "correct"),
        ("替换", "修改", "编辑", "更改", "改成", "改为"),
    ),
    Concept(
        "write",
        ("write_file",),
        (
            "write",
            "write down",
            "save",
            "store",
            "put",
            "create",
            "compose",
            "produce",
            "generate",
            "draft",
            "prepare",
            "make",
            "export",
            "output",
            "record",
        ),
        (*PUT_SOMEWHERE, *in_order("撰写 编写 书写 写 保存 生成 创建 新建 输出 制作 导出")),
    ),
    Concept(
        "combine",
        ("write_file",),
        ("combine", "merge", "concatenate", "join", "copy", "duplicate", "back up", "backup"),
        ("合并", "拼接", "复制", "拷贝", "备份"),
    ),
    Concept(
        "move",
        ("move_file",),
        ("move", "rename"),
        ("移动", "重命名", "改名", "移到", "挪到", "更名"),
    ),
    Concept(
        "delete",
        ("delete_file",),
        ("delete", "remove", "erase"),
        ("删除", "删掉", "移除", "删去", "清除"),
    ),
    Concept(
        "list",
        ("list_files",),
        (
            "list",
            "list files",
            "show files",
            "show me the files",
            "show the files",
            "show all files",
            "what files are",
            "which files are",
            "what files do",
            "which files do",
            "what files exist",
            "how many files",
            "make a list of files",
            "give me a list of files",
            "get a list of files",
            "find all files",
            "find files",
            "find every file",
        ),
        ("列出", "罗列", "列举", "有哪些文件", "看看有哪些文件", "查看有哪些文件"),
    ),
    Concept(
        "search",
        ("search_files",),
        (
            "which files mention",
            "which files contain",
            "what files mention",
            "what files contain",
            "which documents mention",
            "search",
            "grep",
            "look for",
            "find",
            "locate",
            "look up",
        ),
        ("搜索", "找出", "找到", "摘出", "挑出", "筛选出", "筛出", "查找", "检索", "搜寻", "搜", "寻找", "找"),
    ),
    Concept(
        "ask",
        ("ask_user",),
        ("ask me", "ask the user", "ask us", "ask the person", "ask a question"),
        ("问我", "询问我", "问用户", "询问用户", "问一下我", "问问我"),
    ),
    Concept(
        "read",
        ("read_file",),
        (
            "read",
            "read through",
            "go through",
            "look through",
            "go over",
            "study",
            "open",
            "load",
            "look at",
            "view",
            "show",
            "show me",
            "print",
            "display",
            "cat",
            "see",
        ),
        in_order("""读取 阅读 打开 查看 读一读 读一下 通读 细读 看一下 看看 显示 读 看"""),
    ),
)

VERBS_OF_ONE_WORD = frozenset(
    word for one in CONCEPTS for word in one.english if " " not in word and word.isalpha()
) | words_of("scan check use using browse search grep")
"""English verbs that may stand right before what they do something with."""
CHINESE_VERBS = frozenset(word for one in CONCEPTS for word in one.chinese)

ANSWERS_ENGLISH = ("answer", "find out", "tell me", "explain from", "figure out", "determine", "establish")
"""Heads of sub-goals that ask for an answer out of the documents."""
ANSWERS_CHINESE = ("回答", "解答", "找出", "查明", "告诉我", "说明")
QUESTION_ENGLISH = words_of("what who whom whose which when where why how is are was were does do did has have")
QUESTION_CHINESE = in_order("""什么 谁 哪 多少 为什么 为何 怎么 怎样 如何 几 是否 吗 呢 何时""")

OTHER_ENGLISH = words_of(
    """abolish advise analyse analyze animate apply arrange assess book browse build buy calculate call
    cancel caption check choose classify clean clone code collect commit compare compile compute
    configure connect convert correct count crawl cure debug decide define deliver deploy derive
    design detect develop discover discuss donate download draw email encrypt enhance estimate evaluate
    execute expand explain extend extract fetch fill filter fix forecast format gather guess hack hire
    illustrate implement import improve inform install interpret introduce invent investigate invest judge
    launch learn mail manage measure message model monitor negotiate notify open
    optimise optimize order organise organize paint paraphrase parse pay plan play plot polish post
    predict print proofread propose prove publish push rank rate refactor register release render repair
    reply report research reserve resize rewrite run schedule scrape sell send share shorten sing solve
    sort speak split start sketch submit suggest survey teach test train transcribe transform translate
    tweet type uninstall update upgrade upload validate verify visit watch weigh"""
)
OTHER_CHINESE = in_order(
    """翻译 分析 比较 对比 发送 发邮件 画 绘制 计算 运行 执行 安装 下载 上传 发布 购买 修复 改写 润色 检查
    测试 转换 排序 统计 设计 解释 发明 预测 预订 部署 提交 推送 验证 校对 评估 研究 抓取 浏览
    压缩 解压 通知 调查 证明 制定 规划 优化 重构 实现 开发 训练 查询 唱 播放 打印 拍 买 卖 打电话
    讲 编"""
)

ENDINGS = words_of(
    """finish done stop end exit quit terminate shutdown shut_down goodbye task_complete 结束 完成 终止
    退出 关闭 停止 结束任务 完成任务 终止任务 关机 hi hello hey thanks thx cheers 你好 您好 谢谢 多谢"""
)
"""Sub-goals that ask for nothing but the end, as AutoGPT's settings like to have them last, and words of greeting."""
