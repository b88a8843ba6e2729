export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

/** Kept in a cookie, so that the first painted page already has it and no inline script is needed. */
export const Theme = {
  cookie: "theme",

  from(value: string | undefined): Theme {
    return themes.find((theme) => theme === value) ?? "system";
  },

  current(): Theme {
    return Theme.from(document.documentElement.dataset.theme);
  },

  choose(theme: Theme): void {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and Safari
    document.cookie = `${Theme.cookie}=${theme}; path=/; max-age=31536000; samesite=lax`;
  },
};
