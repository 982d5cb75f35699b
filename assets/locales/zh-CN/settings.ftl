# 设置。

settings-title = 设置
settings-appearance = 外观
settings-theme = 主题
settings-theme-system = 跟随系统
settings-theme-light = 浅色
settings-theme-dark = 深色
settings-text-size = 文字大小
settings-text-size-value = { $percent }%
settings-language = 语言
settings-language-system = 跟随系统
settings-sounds = 声音
settings-sounds-messages = 发出或收到消息时
settings-sounds-start = 开始录音时
settings-sounds-start-note = 建议戴耳机时使用：用扬声器播放会录进语音里。
settings-privacy = 隐私
settings-read = 读完消息后告诉对方
settings-typing = 正在输入时告诉对方
settings-heard = 听完语音后告诉对方

settings-listening = 收听
settings-play-next = 自动播放聊天中下一条未听语音
settings-skip-silence = 跳过停顿
settings-search = 搜索
settings-index = 搜索索引
settings-index-make = 重新建立
settings-index-stop = 停止
settings-index-note = 只在明明有却搜不到时使用。建立期间照常可以聊天。
# 数字已按阅读习惯写好。
settings-index-progress = { $total } 条消息中的 { $done } 条
settings-index-done = 索引已完成。
settings-index-stopped = 已停止。下次启动 Millet 时会继续。
settings-account = 账号
settings-address = 你的地址
settings-password-kept = 密码保存在系统的密钥环里。
settings-password-not-kept = 密码只保留到 Millet 关闭为止。
settings-sign-out = 退出登录
settings-sign-out-ask = 要退出这个账号吗？
settings-sign-out-keeps = 消息仍会留在这台设备上。
settings-about = 关于
settings-version = 版本 { $version }
settings-about-text = 你说过的、写过的，都存在你自己的文件里。没有网络、没有服务器也能打开，一直都在。

## History
history-progress = 约 { $total } 条消息中的 { $held } 条已在这里。
history-back-to = { $date } 以来的消息完整。
history-metered = 当前网络按流量计费，较早的消息暂缓获取。
history-fetch-anyway = 仍要获取
settings-history = 历史记录
settings-history-span = 服务器上的消息
settings-history-whole = 全部
settings-history-year = 最近一年
settings-history-month = 最近 30 天
settings-history-span-note = 已经在这里的会保留。
settings-history-complete = 服务器为你保存的一切都在这里，最早到 { $date }。
settings-history-empty = 服务器还没有为你保存任何消息。
settings-history-none = 还没有获取任何消息。
settings-history-gaps = 还有 { $count } 处缺少消息。
history-here = 本机内容
history-wanted = 保留范围
history-missing = { $from } 至 { $to }
history-missing-more = 另有 { $count } 处
history-size-messages = 消息
history-size-files = 语音、图片和文件
space = 图片和文件
space-downloads = 自动下载
space-downloads-off = 仅在我点按时
space-downloads-up-to = 不超过 { $size }
space-downloads-note = 语音总会自动下载。更大的文件和大小未知的文件，等你点按后再下载。
space-free = 释放空间
space-free-sub = 删除本机上的图片和文件副本。语音会保留。
space-free-open = 选择…
space-free-in = 释放“{ $name }”占用的空间
space-which = 范围
space-which-all = 全部
space-which-month = 30 天以前的
space-which-year = 一年以前的
space-what = { $number ->
   *[other] { $count } 个图片和文件，{ $size }
}
space-what-none = 这里没有可以删除的图片或文件。
space-warning = 它们仍留在聊天里，只要服务器还保存着，点按即可再次下载。语音和文字会保留。
space-delete = 删除副本
space-done = 已释放 { $size }。
space-close = 关闭
history-verified = { $date } 检查过，没有发现损坏
history-unverified = 还没有检查过
history-verifying = 正在检查有没有损坏…
history-verify = 现在检查
history-recovered = 曾经损坏，{ $number ->
   *[other] 救回了 { $count } 条消息
}；损坏的文件是 { $file }。
history-chats = 各个聊天
history-chats-more = 显示更多聊天
history-chat-complete = 自 { $date } 起完整
history-chat-unknown = 尚未与服务器核对
history-chat-whole = 完整
# The count is written as people write it; the number chooses the word.
history-chat-count = { $number ->
   *[other] { $count } 条消息
}

## A copy in a folder
export = 文件夹里的副本
export-folder = 文件夹
export-keep = 在这个文件夹里保留副本
export-keep-sub = 新消息会自动加进去。
export-now = 立即导出
export-stop = 停止
export-progress = { $done } / { $total } 条消息
export-never = 文字、语音和文件，不用联网，任何浏览器都能打开。能打开这个文件夹的人都能看到。
export-at = 上次写入：{ $date }。能打开这个文件夹的人都能看到。
export-stopped = 已停止。再次导出会继续。
export-done = 全部都在文件夹里了。打开其中的 index.html 即可阅读。
import = 把副本带回来
import-folder = 之前导出到的文件夹
import-start = 导入
import-note = 其他账号的也可以。已有的会保留，不会重复。
import-done = { $number ->
    [0] 这个文件夹里没有消息。
   *[other] 文件夹里的 { $count } 条消息都在这里了。
}
import-stopped = 已停止。已读取的会保留；再次导入会继续。

## Microphone and loudspeaker
sound = 声音
sound-open = 麦克风和扬声器
sound-summary = { $microphone } · { $loudspeaker }
sound-system = 跟随系统
sound-system-named = 跟随系统（{ $device }）
sound-missing = 未连接：{ $device }
sound-microphone = 麦克风
sound-no-microphone = 没有找到麦克风。插上之后会自动出现在这里。
sound-test = 听听自己的声音
sound-test-start = 测试
sound-test-stop = 停止并播放
sound-test-again = 重新测试
sound-test-note = 随便说几句。只有你自己能听到，也不会保存。
sound-heard = 刚才的声音
sound-as-sent = 别人听到的
sound-as-heard = 原声
sound-recording = 录音
sound-denoise = 降噪
sound-denoise-note = 去掉风扇、车流和电流声，保留人声。
sound-denoise-off = 从不
sound-denoise-auto = 嘈杂时
sound-denoise-on = 始终
sound-even = 均衡我的音量
sound-even-note = 太轻的变响，太响的变轻。
sound-bitrate = 语音消息的大小
sound-bitrate-size = 每分钟 { $size }
sound-untouched = 同时保留原声
sound-untouched-note = 只存在这台设备上，和发出的消息放在一起。
sound-kept = { $number ->
   *[other] { $count } 段原声，{ $size }
}
sound-kept-delete = 删除
sound-kept-ask = 彻底删除吗？已发出的消息不受影响。
sound-loudspeaker = 扬声器
sound-hear = 是这个扬声器吗？
sound-hear-play = 播放一声
sound-loudness = 均衡播放音量
sound-loudness-note = 所有语音消息听起来差不多响。
