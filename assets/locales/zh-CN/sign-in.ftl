# 首次使用、登录、注册。

sign-in-title = 欢迎使用 Millet
sign-in-lead = 一款用来说话的聊天软件，消息都存在你自己的设备上。
sign-in-address = 地址
sign-in-address-example = 名字@服务器.org
sign-in-password = 密码
sign-in-password-show = 显示密码
sign-in-password-hide = 隐藏密码
sign-in-server = 服务器地址（可选）
sign-in-server-example = 留空则自动查找
sign-in-submit = 登录
sign-in-busy = 正在登录…
sign-in-to-register = 还没有账号？注册一个

register-title = 注册账号
register-lead = 选一个信得过的服务器，起个名字，设个密码，就可以了。
register-submit = 注册
register-busy = 正在注册…
register-to-sign-in = 已有账号？去登录

what-is-address = 什么是地址？
what-is-address-answer = 和邮箱地址差不多：名字、@，再加上帮你传消息的服务器。任何 XMPP 服务器都行，不同服务器上的人也能互相聊天。
