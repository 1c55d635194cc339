"""The network, of this machine and beyond."""

import os
import socket
import sys

assert sys.platform != "win32"

from plugins._sandbox._escaping._ground import W, attempt, on_linux, read


@attempt
def connect_to_a_port() -> object:
    with socket.create_connection(("127.0.0.1", W["tcp"]), timeout=2) as one:
        return str(one.getpeername())


@attempt
def send_a_datagram() -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        return one.sendto(b"escaped", ("127.0.0.1", W["udp"]))


@on_linux
def connect_to_an_abstract_socket() -> object:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect("\0" + W["abstract"])
        return "connected"


@attempt
def connect_to_a_socket_in_the_workspace() -> object:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(W["socket"])
        return "connected"


@attempt
def listen_on_a_port() -> object:
    with socket.socket(socket.AF_INET) as one:
        one.bind(("0.0.0.0", 0))
        one.listen()
        return str(one.getsockname()) if W["strict"] else None


@attempt
def ask_for_a_name() -> object:
    return socket.getaddrinfo("example.com", 80)


@attempt
def open_a_raw_socket() -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, 1):
        return "opened"


@on_linux
def list_the_networks() -> object:
    return [one for one in os.listdir("/sys/class/net") if one != "lo"]


@on_linux
def see_the_hosts_network_in_proc() -> object:
    return read("/proc/net/tcp") if f":{W['tcp']:04X}" in read("/proc/net/tcp") else None
