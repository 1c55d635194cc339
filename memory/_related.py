"""Everyday words that stand for one another: a question rarely says a thing as the entry that answers it does.

Each line is one circle: whoever asks for one of its words may find another, at a part of the weight. Written by hand
for this program; general on purpose: nothing here is of any one subject but of what people and programs do every day.
"""

from __future__ import annotations

from functools import cache

from .embedding import words

_CIRCLES = """
job work occupation profession career position employment employer
boss manager supervisor
colleague coworker teammate
hire recruit employ
fire dismiss sack layoff
quit resign leave
salary wage pay income
promote promotion
meeting appointment call session
company firm business employer startup
home house apartment flat place
move relocate
live reside
rent lease landlord
roommate flatmate
neighbour neighbor
city town village
country nation abroad
mother mom mum mama
father dad papa
parent mother father mom dad
sibling brother sister
brother sibling
sister sibling
child kid son daughter baby toddler
son child kid boy
daughter child kid girl
husband spouse partner
wife spouse partner
boyfriend partner
girlfriend partner
grandmother grandma granny nana
grandfather grandpa
aunt uncle relative family
marry wedding wed engage fiance fiancee
divorce separate split
date dating relationship
friend buddy pal mate
pet dog cat puppy kitten rabbit hamster
dog puppy pet
cat kitten pet
animal pet dog cat horse bird
doctor physician clinic hospital
dentist tooth
nurse hospital
ill sick unwell
illness disease sickness flu cold
medicine medication pill drug prescription
injury hurt injure wound break sprain
allergic allergy
surgery operation
pregnant expecting baby
exercise workout gym fitness training
run jog marathon race
bike bicycle cycling cycle
swim pool
hike hiking trail trek mountain
sport football soccer tennis basketball hockey
team club
win victory prize award
lose defeat
holiday vacation trip travel
travel trip journey visit flight
trip journey travel vacation
visit stay go
airplane plane flight airport
train railway station
car vehicle drive
hotel hostel lodge
camp camping tent
beach sea coast ocean shore
food meal dish eat cuisine
eat lunch dinner breakfast meal food
dinner supper
drink coffee tea beer wine
cook bake recipe kitchen
restaurant cafe diner bistro
dessert cake pie sweet
vegetarian vegan
buy purchase order
purchase buy
sell sale
cost price expensive cheap pay
money cash dollar euro
spend cost
save saving
gift present
birthday bday
party celebration celebrate
celebrate party anniversary
book novel read
author writer write
read book novel
movie film cinema
show series episode
song music tune
music song band concert album
instrument guitar piano violin drum
play perform
concert gig show
paint painting draw art
photo picture photograph image camera
draw sketch
hobby pastime interest
game chess puzzle
garden plant flower grow
school college university class
college university
study learn course class
teacher professor tutor instructor
student pupil
exam test
degree diploma graduate
graduate graduation degree
language speak
car truck van
accident crash
repair fix mend
broken break
fix repair solve resolve
clean tidy wash
angry mad upset annoy furious
upset sad angry hurt
happy glad delight joy
sad unhappy upset
afraid scared fear frighten
worry worried anxious nervous concern
nervous anxious scared
tired exhausted
excite thrill
surprise shock
love adore like enjoy
like enjoy love favourite favorite prefer
hate dislike
prefer favourite favorite
want wish hope desire
plan intend intention
decide decision choose
choose pick select
start begin
begin start
finish complete end
stop quit end
try attempt
ask question request
answer reply respond
talk speak chat discuss conversation
tell say mention
argue argument fight quarrel
agree accept
refuse reject decline deny
promise swear
help assist support
support help encourage
volunteer charity donate
religion church faith pray
name call
big large huge
small little tiny
fast quick
old age
young age
begin commence
child childhood
reason because
problem issue trouble bug
error failure fail fault exception
fail failure crash error
crash failure panic abort
bug defect issue
slow latency lag
delete remove erase drop
remove delete uninstall
install setup
create make add
change modify edit update
update upgrade
version release
deploy deployment rollout release
server host machine
database db postgres sqlite mysql
directory folder dir
file document
config configuration setting
setting option parameter config
password credential login
command cmd
script program
memory ram
disk storage
limit quota maximum cap
timeout expire
restart reboot
fetch download
upload push
send sent mail email
email mail
phone telephone mobile call
computer laptop machine
build compile
test check verify
log output
rate speed
count number amount
increase raise grow
decrease reduce lower drop
weather rain snow sunny storm
tall height
weigh weight
colour color
shop store
clothes dress shirt wear jacket
jewelry necklace ring bracelet
live alive
die death pass dead
born birth
工作 职业 上班
公司 单位 企业
老板 上司 经理 领导
同事 搭档
辞职 离职 跳槽
工资 薪水 收入
家 房子 住处
搬家 搬到
租 房租 房东
妈妈 母亲 妈
爸爸 父亲 爸
孩子 儿子 女儿 宝宝
老公 丈夫 爱人
老婆 妻子 太太 爱人
奶奶 外婆 姥姥
爷爷 外公 姥爷
结婚 婚礼
医生 大夫 医院
生病 感冒
药 药片
过敏 忌口
运动 健身 锻炼
旅游 旅行 出差 玩
飞机 航班 机场
火车 高铁 动车
酒店 宾馆 民宿
买 购买 下单
卖 出售
价格 价钱
礼物 生日
电影 片子
歌 音乐
书 小说
照片 相片 拍照
学校 大学
老师 教授
考试 测验
喜欢 爱 最爱
开心 高兴
难过 伤心
生气 发火
担心 害怕
问题 毛病 故障
错误 报错 异常
修 修理 修好
坏 故障
删除 删掉
密码 口令
手机 电话
宠物 狗 猫
吃饭 饭 餐厅 饭馆
开始 起
结束 完成
决定 打算 计划
"""


@cache
def _circles() -> dict[str, frozenset[str]]:
    related: dict[str, set[str]] = {}
    for line in _CIRCLES.split("\n"):
        circle = [cut[-1] for word in line.split() if (cut := words(word))]
        for word in circle:
            related.setdefault(word, set()).update(circle)
    return {word: frozenset(others - {word}) for word, others in related.items()}


def related(word: str) -> frozenset[str]:
    """The words, as `words` gives them, that may stand for this one."""
    return _circles().get(word, frozenset())
