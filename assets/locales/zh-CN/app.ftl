# 整个窗口：名称、按钮、连接、日期。

app-name = Millet
language-own-name = 简体中文

## 到处都用的按钮
cancel = 取消
back = 返回
discard = 丢弃
undo = 撤销
try-again = 重试

## 侧栏（手机上是底栏）
nav-label = 主导航
nav-chats = 聊天
nav-desk = 收听
nav-settings = 设置

## 连接出问题时，聊天上方的提示条
connection-offline = 未连接到服务器。现在说的话，连上后会自动发出。
connection-next-try = { $seconds } 秒后重试
connection-connecting = 正在连接…
connection-catching-up = 正在接收消息…
connection-try-now = 立即重连
connection-sign-in = 重新登录

## 日期和时长
today = 今天
yesterday = 昨天
# 用于朗读，例如语音消息的时长。
length-seconds = { $seconds } 秒
length-minutes = { $minutes } 分{ $seconds ->
    [0] 钟
   *[other] { $seconds } 秒
}

## 在线状态
presence-online = 在线
presence-away = 离开
presence-busy = 忙碌
presence-offline = 离线

## 一次性提示
notice-dismiss = 知道了
