# 查找说过的话。

search-label = 搜索所有聊天
search-placeholder = 搜索
search-chat-label = 在这个聊天里搜索
search-results = 搜索结果
search-hint-title = 说过的都能找到
search-hint = 任何语言、句子里的任何字词都可以。还可以这样缩小范围：
search-op-from = 谁说的
search-op-in = 和谁的聊天
search-op-has = 语音、图片、文件或链接
search-op-before = 在某天之前，例如 2026-03-14，也可以只写月份或年份
search-op-after = 从某天起
search-has-voice = 语音
search-has-image = 图片
search-has-file = 文件
search-has-link = 链接
search-nothing-title = 什么也没找到
search-nothing = 换个词，或者少写几个词。
search-indexing = 正在建立索引，完成之前这里可能不全。
search-busy = 正在搜索…
# { $number } 是写出来的 { $count }。
search-count = { $count ->
   *[other] { $number } 条结果
}
search-count-more = 超过 { $number } 条结果
search-most = 这里是最近的 { $number } 条。再加一个词可以缩小范围。
search-clear = 清空
search-close = 关闭搜索
search-older = 更早的结果
search-newer = 更新的结果
search-place = 第 { $place } 条，共 { $count } 条
# 回到打开搜索结果或某一天之前的位置。
search-back = 回到刚才的位置

## 日历
calendar-open = 跳到某一天
calendar-label = 有消息的日子
calendar-month-before = 上个月
calendar-month-after = 下个月
calendar-year-before = 上一年
calendar-year-after = 下一年
calendar-day = { $day }：{ $count ->
   *[other] { $number } 条消息
}
calendar-day-empty = { $day }：没有消息
