import { type Hazard, hazardIn, hazardName, type TaxonomyId, taxonomyOf } from "@/db/shape/harm";

/** A hazard in the words of a taxonomy; what that loses stands beside it. */
export function HarmName({ hazard, taxonomy }: { hazard: Hazard; taxonomy: TaxonomyId }) {
  const words = hazardIn(hazard, taxonomy);
  if (words.length === 0)
    return (
      <>
        {hazard === "other" ? "None of these" : `${hazard} ${hazardName(hazard)}`}
        {hazard !== "other" && (
          <span className="text-muted"> (no word for it in {taxonomyOf[taxonomy].title})</span>
        )}
      </>
    );
  return (
    <>
      {words.map(({ code, name, loses }) => (
        <span key={code} className="block">
          {taxonomy === "mlcommons" ? `${code} ${name}` : name}
          {loses && <span className="text-xs text-muted"> ({loses})</span>}
        </span>
      ))}
    </>
  );
}
