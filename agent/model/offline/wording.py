"""The rules' own words, in the goal's language."""

from __future__ import annotations

from collections.abc import Mapping

_ENGLISH: Mapping[str, str] = {
    "first": "Rule-based step {number} (offline, no language model): {line}",
    "step": "Rule-based step {number}: {line}",
    "read": "read {what}",
    "summarise": "summarise {what}",
    "search_web": "search the web for {what}",
    "open": "open {what}",
    "no_pages": "the search engines know no page on “{what}”; other words may help",
    "unopened": "not opened: {what}",
    "draw": "draw {what}",
    "look_at": "look at {what}",
    "few_scenes": "{what} tells of {count} scenes that can be drawn here, not of {wanted}",
    "fewer_pages": "only {count} of {wanted} pages could be opened",
    "question": "look in {what} for: {topic}",
    "list": "list the files in {what}",
    "search": "search the files for {what}",
    "write": "write {what}",
    "remember": "remember: {what}",
    "recall": "recall what is known of {what}",
    "wish": "note as a lasting wish of yours, for language models to follow: {what}",
    "recall_all": "list what is remembered",
    "call": "call {what}",
    "finish": "finish, and say what was done and what was not",
    "workspace": "the workspace",
    "more": "{what} and {count} more",
    "intro": "From thinkact's offline rule-based model: it matches words with tools and quotes sentences of the "
    "documents; no language model took part.",
    "done": "Done:",
    "undone": "Not done:",
    "left_alone": "Left alone, as asked: {what}",
    "files": "Files made or changed: {what}",
    "unweighed": "Constraints that rules cannot weigh: {what}",
    "hint": "For the rest use a language model: start Ollama or LM Studio on this machine, or set OPENAI_API_KEY (and "
    "OPENAI_BASE_URL for another endpoint), then run the goal again.",
    "not_found": "nothing about it was found",
    "stays": "not kept: your own note {id} stays, “{what}”; change it with `thinkact memory edit {id}`",
    "forget": "only you remove notes: `thinkact memory forget {id}` removes “{what}”",
    "unremembered": "no note about it is kept; `thinkact memory list` shows all",
    "not_noted": "nothing about it was found; to note these very words, write “that” before them or put them in quotes",
    "too_long": "only the first {count} characters are read by rules",
    "vague": "would change every file; name the files or a folder",
    "nothing": "No sub-goal to do was found in the goal.",
    "known": "Known from before",
    "points": "Key points",
    "source": "Source",
    "signed": "Composed by thinkact's offline rule-based model from sentences of the sources; no language model took "
    "part.",
    "beyond": "beyond the rule-based model",
    "conditional": "hangs on a condition, which the rule-based model cannot weigh",
    "not_offered": "no tool for it is offered here",
    "web": "means the web, and no tool for it is offered here; --deny, THINKACT_DENY and tools.deny keep them away",
    "web_denied": "means the web, which the goal does not allow (tools.deny: {what})",
    "missing": "{tool} needs what the sub-goal does not say: {what}",
    "no_source": "names no document, and none was found before",
    "no_target": "names no file to write to",
    "not_written": "nothing was written to {what}",
    "only_whole": "only whole files are deleted, and no part of one",
    "several_places": "looks for different words in different places; say each in a sentence of its own",
    "several": "writes different things to several files; say each in a sentence of its own",
    "a_folder": "{what} is a folder: name the file to write, such as {what}/summary.md",
    "no_folders": "makes no folder; one comes with the first file that is written in it",
    "nothing_new": "what it changed stands in the file itself, and is nothing to be written elsewhere",
    "nothing_left": "(nothing found)",
    "nowhere": "there is no folder and no file called “{what}” to search in; here are: {names}",
    "no_files": "no file matches {what}",
    "no_matter": "nothing was found that could be written; to write certain words, put them in quotes",
    "no_answer": "no sentence of the files answers it; the nearest: {what}",
    "no_hits": "nothing in the files answers it",
    "invent": "asks to invent {what}; the rule-based model only quotes what it finds",
    "unknown": "no rule tells how to write “{what}”; to write certain words, put them in quotes",
    "translate": "asks for another language than the documents'; the rule-based model does not translate",
    "prohibited": "was left out, as the goal forbids it",
    "checks": "Checks not passed that the rules cannot mend: {what}",
    "short": "{path} has all that the sources give",
    "too_many": "only the first {count} of {total} files were taken",
    "skipped": "no text, so left out: {what}",
    "onward": "read on in {what} from line {line}",
    "nothing_on": "nothing on “{topic}” was found in {what}",
    "no_number": "no sentence with a number answers it; the nearest: {what}",
    "no_date": "no sentence with a date or a time answers it; the nearest: {what}",
    "from_memory": "from memory, {date}, note {id}",
    "remembered": "remembered just now",
    "not_called": "names no path, and no file is called so; here are: {what}",
    "held_back": "{line}: not done, since a step before it failed: “{why}”",
    "too_tight": "even the shortest sentence that was found is longer than {count}; nothing is left out of a sentence",
    "fewer": "only {count} of {wanted} sentences were found",
    "form": "“{what}”: the rule-based model quotes sentences as they stand and gives them no other form or tone",
    "not_whole": "{what} is not shown whole, and a part is not written in its place",
    "inside": "“{what}” also stands inside longer words ({where}), so nothing was changed; put it in quotes to "
    "replace it there as well",
    "help": "Rules, and no language model, work here. They read, list, search, summarise, copy, combine, edit, move "
    "and delete files of the workspace, answer questions with sentences of them, write what was found to a file, "
    "remember and recall, and call the tools of plugins. Such goals work: “Summarise report.md in three sentences”, "
    "“When is the next meeting? Look in notes.txt”, “Find 'TODO' in docs/ and save the result to todo.txt”.",
    "no_tool": "there is no tool {what} here; there are: {names}",
    "spans": "read around line {line} of {what}",
    "cut": "{what} is long: only its beginning was read (lines {extent})",
    "left_out": "{line}: left out ({why})",
}
_CHINESE: Mapping[str, str] = {
    "first": "规则步骤 {number}（离线，没有语言模型）：{line}",
    "step": "规则步骤 {number}：{line}",
    "read": "读取 {what}",
    "summarise": "总结 {what}",
    "search_web": "上网搜索 {what}",
    "open": "打开 {what}",
    "no_pages": "搜索引擎没有找到关于“{what}”的网页；可以换一些词再试",
    "unopened": "没有打开：{what}",
    "draw": "画 {what}",
    "look_at": "看 {what}",
    "few_scenes": "{what} 里能在这里画出来的场景有 {count} 个，不到 {wanted} 个",
    "fewer_pages": "{wanted} 个网页中只打开了 {count} 个",
    "question": "在 {what} 中查找：{topic}",
    "list": "列出 {what} 中的文件",
    "search": "在文件中搜索 {what}",
    "write": "写入 {what}",
    "remember": "记住：{what}",
    "recall": "回忆有关 {what} 的内容",
    "wish": "记为你长期的偏好，供语言模型遵循：{what}",
    "recall_all": "列出记住的内容",
    "call": "调用 {what}",
    "finish": "结束，并说明做了什么、没做什么",
    "workspace": "工作区",
    "more": "{what} 等，另有 {count} 个",
    "intro": "这是 thinkact 离线规则模型的结果：它按词语匹配工具，并摘录文档中的原句；没有语言模型参与。",
    "done": "已完成：",
    "undone": "未完成：",
    "left_alone": "按要求没有做：{what}",
    "files": "生成或修改的文件：{what}",
    "unweighed": "规则无法衡量的约束：{what}",
    "hint": "其余部分请使用语言模型：在本机启动 Ollama 或 LM Studio，或设置 OPENAI_API_KEY"
    "（其他端点另设 OPENAI_BASE_URL），然后再次运行这个目标。",
    "not_found": "没有找到相关内容",
    "stays": "没有记下：你自己的笔记 {id} 保持不变，“{what}”；可用 `thinkact memory edit {id}` 修改",
    "forget": "笔记只由你删除：`thinkact memory forget {id}` 删除“{what}”",
    "unremembered": "没有这方面的笔记；`thinkact memory list` 列出全部",
    "not_noted": "没有找到相关内容；若要记住这些字本身，请加上引号",
    "too_long": "规则只读前 {count} 个字符",
    "vague": "会改动所有文件；请指明文件或文件夹",
    "nothing": "目标中没有找到要做的事。",
    "known": "以前已知",
    "points": "要点",
    "source": "来源",
    "signed": "由 thinkact 的离线规则模型用来源中的原句编成；没有语言模型参与。",
    "beyond": "超出规则模型的能力",
    "conditional": "取决于一个条件，规则模型无法判断",
    "not_offered": "这里没有提供相应的工具",
    "web": "需要上网，而这里没有提供相应的工具；--deny、THINKACT_DENY 和目标的 tools.deny 会关掉它们",
    "web_denied": "需要上网，而目标不允许（tools.deny：{what}）",
    "missing": "{tool} 还需要目标中没有说明的内容：{what}",
    "no_source": "没有指明文档，之前也没有找到",
    "no_target": "没有指明要写入的文件",
    "not_written": "没有写入 {what}",
    "only_whole": "只删除整个文件，不删除其中的一部分",
    "several_places": "要在不同的地方搜索不同的词；请分成几句来说",
    "several": "要把不同的内容写入几个文件；请分成几句来说",
    "a_folder": "{what} 是文件夹：请指明要写入的文件，例如 {what}/总结.md",
    "no_folders": "不单独新建文件夹；写入其中第一个文件时会自动建立",
    "nothing_new": "改动就在文件本身里，没有别的内容可写",
    "nothing_left": "（没有找到）",
    "nowhere": "没有名为“{what}”的文件夹或文件可供搜索；这里有：{names}",
    "no_files": "没有文件符合 {what}",
    "no_matter": "没有可写的内容；若要写入指定的文字，请加上引号",
    "no_answer": "文件中没有句子能回答；最接近的是：{what}",
    "no_hits": "文件中找不到答案",
    "invent": "需要创作{what}；规则模型只摘录找到的内容",
    "unknown": "没有规则说明如何写“{what}”；若要写入指定的文字，请加上引号",
    "translate": "要求的语言与文档不同；规则模型不做翻译",
    "prohibited": "目标禁止这样做，因此略过",
    "checks": "规则无法补救的检查：{what}",
    "short": "{path} 已包含来源中的全部内容",
    "too_many": "共 {total} 个文件，只取了前 {count} 个",
    "skipped": "不是文本，已略过：{what}",
    "onward": "从第 {line} 行继续读 {what}",
    "nothing_on": "在 {what} 中没有找到有关“{topic}”的内容",
    "no_number": "没有带数字的句子能回答；最接近的是：{what}",
    "no_date": "没有带日期或时间的句子能回答；最接近的是：{what}",
    "from_memory": "来自记忆，{date}，笔记 {id}",
    "remembered": "刚刚记住的",
    "not_called": "没有指明路径，也没有文件叫这个名字；这里有：{what}",
    "held_back": "{line}：没有做，因为前面的一步失败了：“{why}”",
    "too_tight": "找到的最短的句子也超过 {count}；句子不会被截短",
    "fewer": "只找到 {count} 句（要求 {wanted} 句）",
    "form": "“{what}”：规则模型只摘录原句，不改变形式和语气",
    "not_whole": "{what} 没有完整显示，不会用一部分代替全文",
    "inside": "“{what}”也出现在更长的词里（{where}），所以没有修改；若那里也要替换，请加上引号",
    "help": "这里按规则工作，没有语言模型：可以读取、列出、搜索、总结、复制、合并、修改、移动和删除工作区的文件，"
    "用文件中的原句回答问题，把结果写入文件，记住和回忆，以及调用插件的工具。可以这样说：“用三句话总结 报告.md”、"
    "“下次会议是什么时候？”、“把 笔记.txt 里的苹果改成香蕉”。",
    "no_tool": "这里没有名为 {what} 的工具；有：{names}",
    "spans": "读取 {what} 第 {line} 行前后",
    "cut": "{what} 很长：只读了开头部分（第 {extent} 行）",
    "left_out": "{line}：已略过（{why}）",
}


_REPORTED = tuple(
    words[key].partition("{")[0]
    for words in (_ENGLISH, _CHINESE)
    for key in ("done", "files", "left_alone", "undone", "nothing", "unweighed", "intro", "hint")
)
"""How the paragraphs of a report begin."""
_RECALLED = tuple(f"({words['from_memory'].partition('{')[0]}" for words in (_ENGLISH, _CHINESE))
"""How what memory said is marked."""


def say(key: str, *, chinese: bool, **values: object) -> str:
    """A line in English or Chinese. Values may hold any characters: they are put in as they are."""
    return (_CHINESE if chinese else _ENGLISH)[key].format(**values)


def without_report(answer: str) -> str:
    """What an answer by the rules holds beside their report on what they did and did not: what was found, but not what
    memory said."""
    found: list[str] = []
    for paragraph in answer.split("\n\n"):
        if paragraph.startswith(_REPORTED):
            break
        lines = (line for line in paragraph.split("\n") if not any(one in line for one in _RECALLED))
        found.append("\n".join(lines))
    return "\n\n".join(one for one in found if one)


def short(text: str, most: int = 60) -> str:
    """A text in one line, cut to about `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
