"""What is taken for a password, a key or a token, and what only speaks of one."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from memory._secrets import secret_in, without_secrets

TOLD = r"""
the password is: hunter2xyz
password=hunter2
Password: Geheim
DB_PASSWORD=s3cr3t!
passwd: rosebud1
pw: hunter2xyz
PW: rosebud
pwd = rosebud
passcode: 482913
passphrase: correct-horse-battery
passwort: rosebud9
Kennwort: Sesam2024
Passwort für den Drucker: rosebud9
mot de passe : soleil42
contraseña: girasol9
senha: girassol9
пароль: тайна2024
{"password": "hunter2"}
password → hunter2x
wifi password (guests): rosebud
the password for the printer in the hall is: kx29mm
password: 123456
user bob, password: rosebud, host db1
password: staple horse battery
password: 'open sesame'
the password is hunter2xyz
The Wi-Fi password is now Xk29$mm.
the password for the router is kx29mm7
my password's hunter2
the password to the door is kx29$mm
Das Passwort lautet hunter2
pw is hunter2x
set the password to Xk29mm7
The password was changed to kx29mm7 yesterday
the password is "swordfish"
the password to your account is kx29mm7
the password is “open sesame”
The password is 123456
le mot de passe est soleil42
la contraseña es girasol9
пароль — тайна2024
The password is p@ssword
wifi password xk29mm7 works on both floors
Passwort hunter2xyz
my pw hunter2xyz
密码是 Xk29mm
密码是Xk29mm，别告诉别人
密码为 abc12345
密码：abc12345
口令：芝麻开门
口令是kx29mm
路由器的密码是 123456
密码（路由器）：kx29mm
密码现在是Xk29mm
数据库密码改成Xk29mm了
密码是admin。
密碼：hunter2
密码就是 hunter2
WiFi 密码是「芝麻开门」
パスワードはXk29abcです
パスワード：himitsu9
비밀번호는 kx29mm7 입니다
비밀번호: kx29mm7
api key = 9f8e7d6c5b4a
API key: abc123def456
api_key = '9f8e7d6c5b4a'
the API key is 9f8e7d6c5b4a
secret: s3cr3tvalue
access key = QkZxYlPmNvRtWsHd
accessToken=8d7f6a5b4c3d
the token is now 8d7f6a5b4c3d
密钥：9f8e7d6c5b4a
API密钥是 9f8e7d6c5b4a
令牌: 8d7f6a5b4c3d
the api key for the map is 9f8e7d6c5b4a
PIN: 4711
the PIN is 4711
Pin code 90210
LTAI5tFakeFake12345678
pypi-AgEIcHlwaS5vcmcCJGFi
The wifi password at the cabin is Maple77tree
db password = tr0ub4dor
Remember the vpn password: Zebra-Lamp-4
Login: root, password: toor
admin password is "letmein"
Password for staging changed to Blue42fish
The passcode for the gate is 7731
our pw is wint3r!now
pw = Quokka
api key is AKzz81mmQx92
API_KEY: 77aa88bb99cc
token = 1a2b3c4d5e6f
secret key: 0f9e8d7c6b5a
Das WLAN-Passwort ist Kiefer88
Passwort: Sommer2023!
WiFi密码：lake8899
邮箱密码是 Moon#2021
服务器密码：P@ssw0rd
登录密码为 888888
管理员口令: tiger99
数据库密码是：root123
老板的密码是qwer1234。
密码改成了 Sun_2024
api密钥：ab12cd34ef56
パスワードは sakura88 です
the passphrase is 'blue horse lamp'
PIN is 8842
password hunter99
Her password's Tulip#9
the root password to db3 is gr33nTea
""".strip().split("\n")
"""Texts that tell one: behind a sign, behind a verb, and by its shape."""

SPOKEN_OF = r"""
The password is stored in the vault
the password is kept in the vault of the team
the password is wrong
The password is required
password: required
Password: see the vault
password: stored in 1Password
password: ask Anna
the password was changed in 2024
The password was changed 2024-05-01
The password expires every 90 days
The password is 12 characters long
password: 8 to 20 characters
the password is 8-20 characters
The password is base64-encoded
the password is SHA256 hashed
The password is bcrypt-hashed
the password is 128-bit
The password is reset every 3 months
password: none
password: null
password: your-password
password: <your password>
password: ********
password=${DB_PASSWORD} is read from the environment
password=$DB_PASSWORD
password = os.environ['DB']
password: DB_PASSWORD
password = settings.password
password = getpass()
password: [redacted]
password: /etc/secrets/db
password: ~/.netrc
Passwords are rotated every 90 days
password: min. 8 chars
Change the password to something stronger
The password is sent to ann@example.org
password hint: the dog
a password manager such as KeePass2
password policy: 1 digit
password length: 12
Reset password: click
The password field has id input-2
The password reset link is valid for 24 hours
password reset-2 failed
We moved to passwords of 16 characters
the password prompt of sshd 9.6
password auth is off on host db01
Das Passwort liegt im Tresor
Das Passwort ist abgelaufen
Passwort: siehe Tresor
Passwort-Manager: KeePass2
密码是必填项
密码：必填
密码：至少8位
密码是8位数字
密码：见保险箱
密码：由管理员设置
密码为空
密码是2024年5月修改的
密码存放在保险柜里
密码：8位以上字母
密码是SHA256加密的
密码错误：请重试
密码长度为8到20位
密码每90天更换一次
密码已经过期
口令由小王保管
密码：请联系管理员
忘记密码怎么办？
密码是什么？
密码：详见附件第3页
密钥存放在保险柜的第3层
密钥：存放在保险柜的第3层
令牌有效期24小时
API密钥在环境变量里
密码规则：至少8位
パスワードは必須です
비밀번호는 필수입니다
口令：不要写进代码
The token limit: 4096 tokens a call
Set api_key: <your key here>
the API key is in the environment
The token is valid until 2026-05-01
The API key is 32 characters long
the secret is 32-bytes long
api key = OPENAI_API_KEY
token: see docs/tokens.md
The secret of good tea is patience
access key id: ask ops
The key to the shed hangs at door 12
a tokenizer of 50257 tokens
what tiktoken's o200k_base counts
npm_config_registry names the mirror
Connect pin 4 to ground
the pin is 12 mm long
PIN: ask at the desk
the risk-assessment-of-the-whole-project
bearer authentication of the gate is off
Write to ann@example.org, see https://example.org:8080/path
Anna passed the exam: 95 of 100
boarding pass: gate B12
the test pass: 12 of 12
The password must have 12 characters
Passwords are hashed with argon2id
The password was leaked in the 2019 breach
Ask ops for the database password
We rotate the api key every 30 days
Password: optional
Password: must contain a digit
The password is not stored anywhere
password: str | None = None
the password is hashed with sha256
I forgot my password on 2024-03-02
The token is 512 bits long
token: the unit of billing
The API key is read from ANTHROPIC_API_KEY
api_key=os.getenv("KEY")
The secret is in Vault at kv/prod
the secret: patience
Password reset takes 24 hours
password123 is a bad choice of password
The password is Anna's to change
Das Passwort muss 12 Zeichen haben
Passwort: wird per Post geschickt
密码必须包含8个字符
密码是加密存储的
密码：请输入至少6位
密码是哪个？
密码过期时间是90天
用户忘记了密码
口令长度不能小于8
密码已在2023年更换
密钥轮换周期为30天
密码为必填字段
token 数量为 4096
The password manager is Bitwarden
Password is case-sensitive
The password is emailed to user@corp.example
the access token is refreshed every 3600 seconds
密码是随机生成的，长度16
Reset the password to the default one
The PIN is printed on the card
""".strip().split("\n")
"""Texts that say where it is, what becomes of it, what it must be like."""


@pytest.mark.parametrize("text", TOLD)
def test_a_secret_is_found_and_taken_out(text: str) -> None:
    said = f"Please remember: {text}"
    assert secret_in(said) is not None
    left = without_secrets(said)
    assert "was left out]" in left
    assert secret_in(left) is None


@pytest.mark.parametrize("text", SPOKEN_OF)
def test_what_only_speaks_of_secrets_is_none(text: str) -> None:
    for said in (text, f"Please remember: {text}", f"{text}."):
        assert secret_in(said) is None
        assert without_secrets(said) == said


def test_all_that_a_text_tells_is_taken_out_and_the_rest_stays() -> None:
    text = "db1: password: rosebud9, api key = 9f8e7d6c5b4a; 路由器密码是 Xk29mm, and the barn is red"
    left = without_secrets(text)
    assert all(secret not in left for secret in ("rosebud9", "9f8e7d6c5b4a", "Xk29mm"))
    assert left.startswith("db1: [a password was left out]")
    assert left.endswith(", and the barn is red")


@pytest.mark.parametrize(
    "text",
    [
        *("a.", "sk-", "sk-a-", "a://b:", "eyJ-", "eyJabcdefgh-", "token=", "password=", "-----BEGIN A ", "bearer ab-"),
        *(
            "Bearer  ",
            "sk_live_",
            "npm_",
            "https://me:",
            "secret: '",
            "password for ",
            "password for a b c d e ",
            "pw is ",
        ),
        *("密码是", "密码（", "password (", "PIN ", "password is now ", "password: 1", "LTAI", "password     "),
        "password for a b c d e ",
    ],
)
def test_a_long_text_of_nothing_but_beginnings_of_secrets_takes_no_more_for_each_letter_than_a_short_one(
    text: str,
) -> None:
    for look in (secret_in, without_secrets):
        assert taken(look, text, 100_000) < 8 * taken(look, text, 25_000) + 0.05  # four times the letters; squared: 16


def taken(look: Callable[[str], object], text: str, letters: int) -> float:
    """The seconds of this thread that `look` takes for so many letters, at best of two."""
    text = text * (letters // len(text))
    seconds = []
    for _ in range(2):
        start = time.thread_time()
        look(text)
        seconds.append(time.thread_time() - start)
    return min(seconds)
