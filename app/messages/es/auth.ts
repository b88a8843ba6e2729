import type { Translated, Words } from "@/app/i18n/types";

export const auth: Translated<Words["auth"]> = {
  signIn: {
    title: "Iniciar sesión",
    notInvited:
      "No se invitó a nadie con su dirección, o alguien ha entrado con ella de otra manera: inicie sesión como antes y conecte el proveedor en su cuenta.",
    failed: "No se pudo iniciar sesión. Inténtelo de nuevo, o pida un enlace de acceso a la administración.",
    by: "Continuar con {provider}",
    button: "Iniciar sesión",
    help: "¿No tiene cuenta, o ha olvidado la contraseña? La administración puede enviarle un enlace de acceso.",
    codeHelp: "Seis cifras, de la aplicación que configuró.",
    tooMany: "Demasiados intentos. Espere 15 minutos, o pida un enlace de acceso a la administración.",
    wrongCode: "El código no es correcto, o ya se usó. Espere al siguiente.",
    wrong: "La dirección de correo o la contraseña no es correcta.",
    linkSpent: "Este enlace ya se usó o ha caducado. Pida uno nuevo a la administración.",
    sessionEnded: "Su sesión ha terminado. Pida un enlace nuevo a la administración.",
  },
  email: "Correo electrónico",
  password: "Contraseña",
  code: "Código",
  name: "Nombre",
  welcome: {
    title: "Su cuenta",
    submit: "Guardar y continuar",
    emailHelp: "La dirección de su invitación. Puede cambiarla en su cuenta.",
    passwordHelp: "Al menos 12 caracteres: varias palabras que no tengan relación entre sí.",
  },
  link: {
    title: "Enlace de acceso",
    spent: "Este enlace ya no funciona",
    spentDetail: "Ya se usó o ha caducado. Pida uno nuevo a la administración.",
    byPassword: "Iniciar sesión con contraseña",
    welcome: "Le damos la bienvenida, {name}",
    detail: "Este enlace le da acceso una sola vez. Después elegirá una contraseña.",
    submit: "Continuar",
  },
  address: {
    title: "Dirección nueva",
    heading: "Su dirección nueva",
    detail:
      "Usted es {name}, con la dirección {email}. Desde ahora iniciará sesión con la dirección a la que se envió este enlace.",
    submit: "Usar esta dirección",
  },
};
