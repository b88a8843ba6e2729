import type { Translated, Words } from "@/app/i18n/types";

export const auth: Translated<Words["auth"]> = {
  signIn: {
    title: "登录",
    notInvited:
      "没有人以您的地址受邀，或者有人以其他方式用该地址登录过：请照原来的方式登录，再在账户中关联该服务。",
    failed: "登录未成功。请重试，或向管理员索取登录链接。",
    by: "通过 {provider} 继续",
    button: "登录",
    help: "没有账户，或忘记密码？管理员可以给您发送登录链接。",
    codeHelp: "六位数字，来自您设置的应用。",
    tooMany: "尝试次数过多。请等待 15 分钟，或向管理员索取登录链接。",
    wrongCode: "验证码不正确，或已用过。请等下一个。",
    wrong: "电子邮箱或密码不正确。",
    linkSpent: "此链接已用过或已过期。请向管理员索取新的链接。",
    sessionEnded: "您的会话已结束。请向管理员索取新的链接。",
  },
  email: "电子邮箱",
  password: "密码",
  code: "验证码",
  name: "姓名",
  welcome: {
    title: "您的账户",
    submit: "保存并继续",
    emailHelp: "您受邀时使用的地址，可在账户中更改。",
    passwordHelp: "至少 12 个字符：用几个互不相关的词。",
  },
  link: {
    title: "登录链接",
    spent: "此链接已失效",
    spentDetail: "链接已用过或已过期。请向管理员索取新的链接。",
    byPassword: "用密码登录",
    welcome: "欢迎，{name}",
    detail: "此链接只能登录一次，之后请设置密码。",
    submit: "继续",
  },
  address: {
    title: "新地址",
    heading: "您的新地址",
    detail: "您是 {name}，地址为 {email}。从现在起，请用收到此链接的地址登录。",
    submit: "使用此地址",
  },
};
