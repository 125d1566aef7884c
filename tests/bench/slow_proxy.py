"""A way to a server on a Unix socket on which each answer takes so much longer.

slow_proxy.py SOCKET SERVER SECONDS
"""
import asyncio
import os
import sys

listen, server, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])


async def carry(reader, writer, delay):
    loop = asyncio.get_running_loop()
    while data := await reader.read(65536):
        if delay:
            loop.call_later(delay, writer.write, data)
        else:
            writer.write(data)
    if delay:
        await asyncio.sleep(delay)
    writer.close()


async def serve(reader, writer):
    try:
        to_server = await asyncio.open_unix_connection(server)
        await asyncio.gather(carry(reader, to_server[1], 0), carry(to_server[0], writer, seconds))
    except OSError:
        writer.close()


async def main():
    os.umask(0)  # the services may be another user
    async with await asyncio.start_unix_server(serve, listen) as socket:
        await socket.serve_forever()


asyncio.run(main())
