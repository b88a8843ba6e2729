import type { Said } from "../said";

export const said: Readonly<Record<Said, string>> = {
  "I do not know this subject well enough": "Je ne connais pas assez ce domaine",
  "I do not read this language well enough": "Je ne lis pas assez bien cette langue",
  "The prompt makes no sense": "Le prompt n’a pas de sens",
  "Something is missing or does not display": "Quelque chose manque ou ne s’affiche pas",
  "The content is harmful or private": "Le contenu est nuisible ou privé",
  "Another reason": "Une autre raison",
  "An answer is required.": "une réponse est nécessaire.",
  "choose an option.": "choisissez une option.",
  "choose one option only.": "choisissez une seule option.",
  "an edited response is empty.": "une réponse modifiée est vide.",
  "edit a response.": "modifiez une réponse.",
  "a tie is not offered.": "l’égalité n’est pas proposée.",
  "both bad is not offered.": "« deux mauvaises » n’est pas proposé.",
  "rank {letters} too.": "donnez aussi un rang à {letters}.",
  "rank all {k} responses.": "donnez un rang aux {k} réponses.",
  "ranks run from 1 to {k}.": "les rangs vont de 1 à {k}.",
  "ties are not offered.": "les égalités ne sont pas proposées.",
  "one response must have rank 1.": "une réponse doit avoir le rang 1.",
  "rate {attribute}.": "notez {attribute}.",
  "rate {attribute} for every response.": "notez {attribute} pour chaque réponse.",
  "{attribute} must be a whole number from {min} to {max}.":
    "{attribute} doit être un nombre entier de {min} à {max}.",
  "write something.": "écrivez quelque chose.",
  "write at least {count} characters.": "écrivez au moins {count} caractères.",
  "write at most {count} characters.": "écrivez au plus {count} caractères.",
  "You no longer hold this task.": "Cette tâche n’est plus à vous.",
  "Your screen shows this task as it was never given out to you, so that A and B may be exchanged. Nothing was stored. Load the page again and judge what it shows then.":
    "Votre écran montre cette tâche telle qu’elle ne vous a jamais été donnée ; A et B pourraient être inversées. Rien n’a été enregistré. Rechargez la page et jugez ce qu’elle montre alors.",
  "You have been shown others' answers to this task, or where its responses came from: your own would not be blind.":
    "Les jugements d’autres personnes sur cette tâche, ou l’origine des réponses, vous ont été montrés : le vôtre ne serait pas aveugle.",
  "Your consent to the use of your judgements is withdrawn, so nothing was stored. A manager can take it down that you give it again.":
    "Votre consentement à l’usage de vos jugements est retiré ; rien n’a donc été enregistré. Une personne responsable peut noter que vous le donnez de nouveau.",
  "You have answered this task already. Open it in your history to change it.":
    "Vous avez déjà jugé cette tâche. Ouvrez-la dans votre historique pour la modifier.",
  "Your lease on this task ran out, and other raters have taken its seats. Your answer was not stored; the text is still with you.":
    "Votre temps sur cette tâche est écoulé, et d’autres ont pris ses places. Votre jugement n’a pas été enregistré ; vous avez encore le texte.",
  "The assignment was not found. Its prompt was deleted from the project, or the seat was never yours. Nothing was stored; what you wrote is still with you.":
    "L’attribution est introuvable. Son prompt a été supprimé du projet, ou la place n’a jamais été la vôtre. Rien n’a été enregistré ; vous avez encore ce que vous avez écrit.",
  "Only a judgement that you submitted can be changed.":
    "Seul un jugement que vous avez envoyé peut être modifié.",
  "Submit a judgement first, then flag it.": "Envoyez d’abord un jugement, puis signalez.",
  "You have submitted this task already. Open it in your history to change it.":
    "Vous avez déjà envoyé cette tâche. Ouvrez-la dans votre historique pour la modifier.",
  "This task was sent back to you. Open it in your history to do it again.":
    "Cette tâche vous a été renvoyée. Ouvrez-la dans votre historique pour la juger de nouveau.",
  "You skipped this task, and another rater has its seat now.":
    "Vous avez passé cette tâche, et quelqu’un d’autre a maintenant sa place.",
  "This task is no longer wanted. Nothing was stored.":
    "Cette tâche n’est plus demandée. Rien n’a été enregistré.",
  "This idempotency key was used for another task. Give every judgement its own key.":
    "Cette clé d’idempotence a servi pour une autre tâche. Chaque jugement a besoin de la sienne.",
  "Your hold on this seat had ended. What you handed in after that stands on another seat of the task: open it in your history to change it.":
    "Votre temps à cette place était écoulé. Ce que vous avez envoyé ensuite figure à une autre place de la tâche : ouvrez-le dans votre historique pour le modifier.",
  "There is nothing to undo on this task.": "Il n’y a rien à annuler sur cette tâche.",
  "Undo works for {seconds} seconds. Open the task in your history to change it.":
    "L’annulation est possible pendant {seconds} secondes. Ouvrez la tâche dans votre historique pour la modifier.",
  "This task was one of the qualification: its answer stands.":
    "Cette tâche faisait partie de la qualification : sa réponse reste.",
  "You have been told the answer to this task since: yours stands, and counts nowhere else.":
    "La réponse à cette tâche vous a été donnée depuis : la vôtre reste, et ne compte nulle part ailleurs.",
  "This round of the norming has ended: its raters may have seen one another's answers. Nothing was changed.":
    "Ce tour de l’harmonisation est terminé : ses participants ont pu voir les réponses des autres. Rien n’a été changé.",
  "Your work in this project is paused and the task went to others, so nothing was stored; the text is still with you. A manager of the project can say why, and let you go on.":
    "Votre travail dans ce projet est suspendu et la tâche est allée à d’autres ; rien n’a donc été enregistré, et vous avez encore le texte. Une personne responsable du projet peut dire pourquoi et vous laisser continuer.",
  "Enter a name.": "Entrez un nom.",
  "At most 200 characters.": "Au plus 200 caractères.",
  "An e-mail address has at most 254 characters.": "Une adresse e-mail a au plus 254 caractères.",
  "Enter an e-mail address, such as ada@example.org.":
    "Entrez une adresse e-mail, par exemple ada@example.org.",
  "A password needs at least 12 characters.": "Un mot de passe doit avoir au moins 12 caractères.",
  "At most 128 characters.": "Au plus 128 caractères.",
  "This password is too easy to guess. Take several words that do not belong together, and not your name or address.":
    "Ce mot de passe est trop facile à deviner. Prenez plusieurs mots qui ne vont pas ensemble, et ni votre nom ni votre adresse.",
  "A code has six digits.": "Un code a six chiffres.",
  "Choose a password first.": "Choisissez d’abord un mot de passe.",
  "Too many wrong passwords. Wait 15 minutes.": "Trop de mots de passe faux. Attendez 15 minutes.",
  "The current password is not right.": "Le mot de passe actuel n’est pas juste.",
  "{email} is already somebody's address here.": "{email} est déjà l’adresse de quelqu’un ici.",
  "Codes are asked for already. Take them away first.": "Des codes sont déjà demandés. Retirez-les d’abord.",
  "The code is not right. Is the clock of the device that shows it?":
    "Le code n’est pas juste. L’horloge de l’appareil qui l’affiche est-elle à l’heure ?",
  "A key is one sign, letters in lower case, or a name such as ArrowLeft or F2; the digits 1 to 9 are the verdict.":
    "Une touche est un signe, les lettres en minuscules, ou un nom comme ArrowLeft ou F2 ; les chiffres 1 à 9 sont le verdict.",
  "Escape closes and Tab moves the focus: take another key.":
    "Échap ferme et Tab déplace le focus : prenez une autre touche.",
  "0 is a rating, or the tenth rank, where a task has one: take another key.":
    "0 est une note, ou le dixième rang, là où une tâche en a : prenez une autre touche.",
  "Sign in first.": "Connectez-vous d’abord.",
  "The project was not found.": "Le projet est introuvable.",
  "The disk is full: an admin has to free some room. Nothing was changed.":
    "Le disque est plein : l’administration doit libérer de la place. Rien n’a été changé.",
  "The database is away for a moment. Send the request again.":
    "La base de données est momentanément indisponible. Renvoyez la demande.",
  "Something went wrong here. The log of the site says what.":
    "Quelque chose n’a pas marché ici. Le journal du site dit quoi.",
};
