# 聊天列表。

chats-title = 聊天
chats-empty-title = 这里还没有人
chats-empty = 输入对方的地址，打个招呼吧。
chat-unread = { $count } 条未读消息
chat-draft = 草稿
chat-kind-voice = 语音
chat-kind-image = 图片
chat-kind-file = 文件
chat-no-messages = 还没有消息

list-resize = 列表宽度

new-chat = 新聊天
new-chat-title = 想和谁聊？
new-chat-address = 对方的地址
new-chat-submit = 开始聊天

request-text = { $name } 想知道你什么时候在线。
request-allow = 允许
request-deny = 暂不

typing = 正在输入…
typing-name = { $name } 正在输入…
