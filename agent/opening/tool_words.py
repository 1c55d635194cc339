"""Words of Chinese and English for what tools do, and do it to: a goal may be in the one and a tool described in the
other, and neither may say what the other does. Most MCP servers describe their tools in English alone.

Written by hand, general on purpose. A line is one meaning: whichever of the words before the bar stands in a text,
those behind it are looked for as well; and Chinese ones where one behind it stands there.
"""

from __future__ import annotations

import re
from functools import cache

PART = 0.6
"""So much of a word's weight one counts that stands for it in the other language."""

_TABLE = """
读 读取 阅读 查看 看看 看一下 | read view get show
写 写入 编写 撰写 起草 | write create draft
保存 存到 存入 存成 存下 | save write store
新建 创建 建立 建个 建一个 添加 增加 新增 加一 加到 | create add new
修改 更改 改成 改为 更新 调整 编辑 | update edit change modify
删除 删掉 移除 清除 取消 撤销 | delete remove cancel revoke
移动 挪到 搬到 | move
复制 拷贝 | copy duplicate
重命名 改名 | rename move
列出 有哪些 哪些 清单 列表 | list
查找 搜索 搜一下 搜寻 寻找 检索 找出 找到 查一下 查查 查询 查 | search find query look get
发送 发给 发一 发到 寄 发出 群发 发条 | send post
回复 回信 答复 | reply
转发 | forward
邮件 邮箱 电子邮件 来信 收件箱 | email mail message inbox
消息 短信 讯息 通知 提醒 | message notification reminder sms
频道 群 群聊 群组 | channel group
联系人 通讯录 | contact
日历 日程 行程 | calendar event schedule
会议 开会 约会 约时间 预约 | meeting event appointment calendar
空闲 有空 忙闲 | availability busy free
任务 待办 工单 | task issue ticket todo
问题 缺陷 漏洞 | issue bug
项目 | project
看板 卡片 | board card
仓库 代码库 | repository repo
代码 源码 程序 脚本 | code script program
提交 提交记录 | commit
分支 | branch
合并 合并请求 拉取请求 | merge pull request
评审 审查 审阅 | review
评论 留言 批注 | comment
标签 | label tag
发布 发版 版本 | release publish deploy version
部署 上线 | deploy
流水线 构建 | pipeline build workflow
日志 | log logs
监控 指标 | metric monitor
告警 报警 警报 | alert incident
重启 | restart
扩容 缩容 伸缩 副本 | scale replicas
容器 | container pod docker
集群 | cluster
服务器 主机 云主机 虚拟机 | server instance host
运行 执行 跑一下 跑一遍 | run execute
计算 算一下 算出 求和 统计 平均 | calculate compute sum statistics average python
命令 终端 命令行 | command shell terminal
测试 | test
数据库 | database sql
表 数据表 表结构 | table schema
查出 语句 | query sql
行 记录 条目 | row record entry
备份 | backup
恢复 还原 | restore
缓存 键 | cache key
文件 | file
文件夹 目录 | folder directory
文档 | document page doc
表格 电子表格 工作表 | spreadsheet sheet table excel
单元格 | cell range
幻灯片 演示文稿 | slide presentation
笔记 备忘 备忘录 | note
页面 网页 网站 网址 链接 | page web url website
知识库 维基 | wiki knowledge page
网上 上网 联网 互联网 新闻 最新 最近消息 | web search news internet
抓取 下载 打开网 | fetch download
上传 | upload
分享 共享 权限 | share permission
翻译 译成 译为 译 | translate
总结 摘要 概括 归纳 概述 | summarize summary
图片 图像 照片 截图 插图 图 | image picture photo screenshot
画 绘制 生成图 绘图 | draw generate image chart
图表 折线图 柱状图 饼图 曲线 | chart plot graph
放大 清晰 高清 | upscale
视频 | video
音频 音乐 歌曲 歌 播放 | audio music song play track playlist
语音 录音 转写 转成文字 | speech transcribe audio
朗读 念出来 | speech speak
天气 气温 下雨 预报 | weather forecast
地图 地址 位置 地点 | map address location place
路线 导航 怎么走 | route directions
距离 多远 | distance
附近 | nearby places
航班 机票 | flight
酒店 宾馆 住宿 | hotel
火车 高铁 车票 | train ticket
预订 订 | book reservation
时间 时区 几点 现在 | time timezone clock
汇率 兑换 换算 | exchange rate currency convert
股票 股价 行情 | stock quote price
价格 多少钱 | price
付款 支付 收款 | payment pay charge
退款 | refund
发票 账单 | invoice bill
订阅 | subscription
客户 顾客 | customer
订单 | order
商品 产品 库存 | product inventory
商机 线索 销售 | deal lead opportunity
用户 账号 账户 | user account
密码 密钥 | password secret
员工 同事 | employee
请假 休假 | leave vacation
工资 | payroll salary
浏览器 | browser page navigate
点击 | click
填写 表单 | fill form
记住 记下 | remember note
想起 以前 上次 | recall memory
询问 问我 问一下 | ask question
灯 开灯 关灯 | light turn
空调 温度 暖气 | thermostat temperature climate
打开 开启 启动 | open start turn
关闭 关掉 停止 | close stop turn
门锁 锁 | lock
论文 文献 | paper article
引用 参考 | citation
二维码 | qrcode
压缩 打包 解压 | zip archive compress extract
哈希 校验 | hash checksum
随机 | random
正则 | regex
整理 归类 归档 清理 收拾 tidy organise organize sort clean cleanup declutter | move delete rename
重复 duplicate duplicates | delete
修复 编译 安装 fix failing compile install lint tests build | run shell command
百分之 中位数 总和 标准差 percent percentage median mean total deviation correlation | python compute
谁是 现任 目前 latest newest current recent nowadays | web search
https http www | fetch page web
"""

_GROUPS = tuple(
    (tuple(left.split()), tuple(right.split()))
    for left, _, right in (line.partition("|") for line in _TABLE.strip().splitlines())
)


def translated(text: str) -> dict[str, float]:
    """The words to look for beside those of a text, each with the part of a word's weight that it counts."""
    folded = text.casefold()
    english = set(re.findall(r"[a-z]+", folded))
    found: set[str] = set()
    for word in _longest_first():
        if word in english:
            found.update(_meanings(word))
        elif not word.isascii() and word in folded:
            folded = folded.replace(word, "|")  # what is part of a longer word is not found by itself
            found.update(_meanings(word))
    for said, meant in _GROUPS:
        if english.intersection(meant):
            found.update(word for word in said if not word.isascii())
    return dict.fromkeys(found, PART)


@cache
def _longest_first() -> tuple[str, ...]:
    return tuple(sorted({word for said, _ in _GROUPS for word in said}, key=lambda word: (-len(word), word)))


@cache
def _meanings(word: str) -> tuple[str, ...]:
    return tuple(other for said, meant in _GROUPS if word in said for other in meant)
