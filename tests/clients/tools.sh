# shellcheck shell=bash
# The pinned tools come first on the PATH, with their Node.js. That is named by
# its folder: Debian's npm makes no link to it in .bin.
node=("$PWD"/node_modules/node-linux-*/bin)
export PATH=${node[0]}:$PWD/node_modules/.bin:$PATH
