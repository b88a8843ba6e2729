import type { Said } from "../said";

export const said: Readonly<Record<Said, string>> = {
  "I do not know this subject well enough": "No conozco la materia lo suficiente",
  "I do not read this language well enough": "No leo este idioma lo suficiente",
  "The prompt makes no sense": "El prompt no tiene sentido",
  "Something is missing or does not display": "Falta algo o no se muestra",
  "The content is harmful or private": "El contenido es dañino o privado",
  "Another reason": "Otro motivo",
  "An answer is required.": "se necesita una respuesta.",
  "choose an option.": "elija una opción.",
  "choose one option only.": "elija una sola opción.",
  "an edited response is empty.": "una respuesta editada está vacía.",
  "edit a response.": "edite una respuesta.",
  "a tie is not offered.": "no se ofrece el empate.",
  "both bad is not offered.": "no se ofrece «dos malas».",
  "rank {letters} too.": "dé rango también a {letters}.",
  "rank all {k} responses.": "dé rango a las {k} respuestas.",
  "ranks run from 1 to {k}.": "los rangos van de 1 a {k}.",
  "ties are not offered.": "no se ofrecen empates.",
  "one response must have rank 1.": "una respuesta debe tener el rango 1.",
  "rate {attribute}.": "valore {attribute}.",
  "rate {attribute} for every response.": "valore {attribute} en cada respuesta.",
  "{attribute} must be a whole number from {min} to {max}.":
    "{attribute} debe ser un número entero de {min} a {max}.",
  "write something.": "escriba algo.",
  "write at least {count} characters.": "escriba al menos {count} caracteres.",
  "write at most {count} characters.": "escriba como máximo {count} caracteres.",
  "You no longer hold this task.": "Esta tarea ya no es suya.",
  "Your screen shows this task as it was never given out to you, so that A and B may be exchanged. Nothing was stored. Load the page again and judge what it shows then.":
    "Su pantalla muestra esta tarea como nunca se le entregó; A y B podrían estar intercambiadas. No se guardó nada. Vuelva a cargar la página y juzgue lo que muestre entonces.",
  "You have been shown others' answers to this task, or where its responses came from: your own would not be blind.":
    "Se le mostraron juicios de otros sobre esta tarea, o el origen de sus respuestas: el suyo no sería ciego.",
  "Your consent to the use of your judgements is withdrawn, so nothing was stored. A manager can take it down that you give it again.":
    "Su consentimiento para el uso de sus juicios está retirado, así que no se guardó nada. Un responsable puede anotar que vuelve a darlo.",
  "You have answered this task already. Open it in your history to change it.":
    "Ya juzgó esta tarea. Ábrala en su historial para cambiarla.",
  "Your lease on this task ran out, and other raters have taken its seats. Your answer was not stored; the text is still with you.":
    "Su tiempo en esta tarea terminó, y otros han ocupado sus lugares. Su juicio no se guardó; usted conserva el texto.",
  "The assignment was not found. Its prompt was deleted from the project, or the seat was never yours. Nothing was stored; what you wrote is still with you.":
    "No se encontró la asignación. Su prompt se borró del proyecto, o el lugar nunca fue suyo. No se guardó nada; usted conserva lo que escribió.",
  "Only a judgement that you submitted can be changed.": "Solo se puede cambiar un juicio que usted envió.",
  "Submit a judgement first, then flag it.": "Envíe primero un juicio y después señálelo.",
  "You have submitted this task already. Open it in your history to change it.":
    "Ya envió esta tarea. Ábrala en su historial para cambiarla.",
  "This task was sent back to you. Open it in your history to do it again.":
    "Esta tarea le fue devuelta. Ábrala en su historial para juzgarla de nuevo.",
  "You skipped this task, and another rater has its seat now.":
    "Omitió esta tarea, y ahora otra persona ocupa su lugar.",
  "This task is no longer wanted. Nothing was stored.": "Esta tarea ya no se necesita. No se guardó nada.",
  "This idempotency key was used for another task. Give every judgement its own key.":
    "Esta clave de idempotencia se usó para otra tarea. Dé a cada juicio la suya.",
  "Your hold on this seat had ended. What you handed in after that stands on another seat of the task: open it in your history to change it.":
    "Su tiempo en este lugar había terminado. Lo que envió después figura en otro lugar de la tarea: ábralo en su historial para cambiarlo.",
  "There is nothing to undo on this task.": "No hay nada que deshacer en esta tarea.",
  "Undo works for {seconds} seconds. Open the task in your history to change it.":
    "Se puede deshacer durante {seconds} segundos. Abra la tarea en su historial para cambiarla.",
  "This task was one of the qualification: its answer stands.":
    "Esta tarea era de la calificación: su respuesta se mantiene.",
  "You have been told the answer to this task since: yours stands, and counts nowhere else.":
    "Desde entonces se le ha dicho la respuesta de esta tarea: la suya se mantiene y no cuenta en ningún otro sitio.",
  "This round of the norming has ended: its raters may have seen one another's answers. Nothing was changed.":
    "Esta ronda de la calibración ha terminado: sus participantes pueden haber visto las respuestas de los demás. No se cambió nada.",
  "Your work in this project is paused and the task went to others, so nothing was stored; the text is still with you. A manager of the project can say why, and let you go on.":
    "Su trabajo en este proyecto está en pausa y la tarea pasó a otros, así que no se guardó nada; usted conserva el texto. Un responsable del proyecto puede decir por qué y permitirle continuar.",
  "Enter a name.": "Escriba un nombre.",
  "At most 200 characters.": "Como máximo 200 caracteres.",
  "An e-mail address has at most 254 characters.":
    "Una dirección de correo tiene como máximo 254 caracteres.",
  "Enter an e-mail address, such as ada@example.org.":
    "Escriba una dirección de correo, por ejemplo ada@example.org.",
  "A password needs at least 12 characters.": "Una contraseña necesita al menos 12 caracteres.",
  "At most 128 characters.": "Como máximo 128 caracteres.",
  "This password is too easy to guess. Take several words that do not belong together, and not your name or address.":
    "Esta contraseña es demasiado fácil de adivinar. Use varias palabras sin relación entre sí, y no su nombre ni su dirección.",
  "A code has six digits.": "Un código tiene seis cifras.",
  "Choose a password first.": "Elija primero una contraseña.",
  "Too many wrong passwords. Wait 15 minutes.": "Demasiadas contraseñas incorrectas. Espere 15 minutos.",
  "The current password is not right.": "La contraseña actual no es correcta.",
  "{email} is already somebody's address here.": "{email} ya es aquí la dirección de alguien.",
  "Codes are asked for already. Take them away first.": "Ya se piden códigos. Quítelos primero.",
  "The code is not right. Is the clock of the device that shows it?":
    "El código no es correcto. ¿Está en hora el reloj del dispositivo que lo muestra?",
  "A key is one sign, letters in lower case, or a name such as ArrowLeft or F2; the digits 1 to 9 are the verdict.":
    "Una tecla es un signo, las letras en minúscula, o un nombre como ArrowLeft o F2; las cifras del 1 al 9 son el veredicto.",
  "Escape closes and Tab moves the focus: take another key.":
    "Escape cierra y Tab mueve el foco: elija otra tecla.",
  "0 is a rating, or the tenth rank, where a task has one: take another key.":
    "0 es una valoración, o el décimo rango, donde una tarea los tiene: elija otra tecla.",
  "Sign in first.": "Inicie sesión primero.",
  "The project was not found.": "No se encontró el proyecto.",
  "The disk is full: an admin has to free some room. Nothing was changed.":
    "El disco está lleno: la administración tiene que liberar espacio. No se cambió nada.",
  "The database is away for a moment. Send the request again.":
    "La base de datos no está disponible por un momento. Envíe la solicitud de nuevo.",
  "Something went wrong here. The log of the site says what.":
    "Algo ha fallado aquí. El registro del sitio dice qué.",
};
