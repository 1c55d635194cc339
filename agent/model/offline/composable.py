"""What rules can put together out of sentences that were found, and what would have to be invented."""

from __future__ import annotations

from agent.model.offline.words import in_order, words_of

COMPOSABLE_ENGLISH = words_of(
    """brief briefing summary summarie digest report overview outline abstract note notes finding result
    answer point takeaway highlight conclusion fact list memo minutes review recap synopsis it them this
    these that everything all output content main key document file page markdown text short one-page
    extract quote sentence line information insight lesson bullet hit match name listing occurrence mention passage"""
)
"""Things that can be put together from sentences that were found."""
COMPOSABLE_CHINESE = in_order(
    """简报 摘要 总结 报告 概述 综述 要点 结果 结论 发现 笔记 纪要 清单 列表 答案 回答 内容 它 这些 概要
    小结 汇总 简介 重点 信息 文档 文件 其 上述"""
)
BEYOND_ENGLISH = words_of(
    """poem poetry story novel essay code script program function class test tests song lyrics letter email
    mail joke translation plan strategy proposal speech dialogue play app application website game
    picture image drawing logo recipe cure software module api quiz blog article tutorial test-suite
    slide slides presentation comparison contrast"""
)
BEYOND_CHINESE = in_order(
    """诗 故事 小说 散文 代码 脚本 程序 函数 歌 信 邮件 笑话 译文 翻译 计划 方案 演讲 对话 网站 游戏 图 画
    作文 文章 剧本 测试 论文 歌词 教程 软件 对比 比较"""
)
"""Things that need invention; where a sub-goal asks for one, the rules say no."""
