# 打开的聊天：消息、状态、输入框。

conversation-none-title = 选一个聊天
conversation-none = 或者发起新聊天。按住按钮就能说话。
conversation-empty-title = 先说点什么吧
conversation-empty = 按住按钮，说话，松开，就这么简单。
timeline-label = 消息
unread-line = 新消息
new-messages = { $count } 条新消息
to-newest = 回到最新消息

## 自己发的消息到了哪一步
state-pending = 等待发送
state-sent = 已发送
state-delivered = 已送达
state-read = 已读
state-heard = 已听
state-failed = 未发出
message-own = 我
# 朗读时放在消息前面。
message-by = { $name }，{ $time }
# 时间旁边的小字。
message-edited = 已编辑
message-removed = 消息已撤回
# 朗读时放在被回复消息的姓名和内容前面。
quote-label = 回复
quote-missing = 此消息不在这里
reactions-label = 回应
retry = 重试

## 文件
file-fetch = 下载
file-tap = 点按下载
# In the middle of a line, after the kind and the size of the file.
file-coming = { $percent } %
file-coming-some = 正在下载
file-failed = 加载失败，点按重试
file-save = 保存副本
file-saved = 已保存到下载文件夹：{ $name }
image-broken = 无法显示这张图片
image-label = 图片：{ $name }

## 输入
composer-label = 消息
composer-placeholder = 发消息
composer-send = 发送消息

# Where messages of the account have not been fetched from its server yet.
timeline-gap = 这里可能缺少一些消息，正在获取。
timeline-gap-later = 这里可能缺少一些消息，连接后会补上。
timeline-older-coming = 正在获取更早的消息。
timeline-older-later = 更早的消息可能还在服务器上，连接后会获取。
timeline-older-ask = 查找更早的消息
timeline-beginning = 对话从这里开始
