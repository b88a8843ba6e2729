const cents = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const crumbs = new Intl.NumberFormat("en", {
  style: "currency",
  currency: "USD",
  maximumSignificantDigits: 2,
});

/** US dollars, to the cent; of less than ten cents two digits. */
export const dollars = (value: number) => (value > 0 && value < 0.1 ? crumbs : cents).format(value);
