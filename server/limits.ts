const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const SECOND = 1000;

/**
 * How much of anything the platform takes in, keeps or makes for a person: in one place, each with its reason. What
 * comes in is counted while it streams, so that a limit holds before memory is spent.
 */
export const limits = {
  /**
   * A body of JSON that brings rows, of whoever may manage a project. Rows of experts' texts have kilobytes; importing
   * millions is what uploads are for.
   */
  jsonBytes: 64 * MiB,
  /** A body of a request that says who somebody is, or of a form. */
  formBytes: 64 * KiB,
  /** What one call of a page sends, or of a program that brings no rows. The longest is a form of questions or a guideline. */
  callBytes: 8 * MiB,
  /** A job's events or the names of its files: 20,000 names of at most 500 characters. */
  jobBytes: 16 * MiB,
  /** How deep JSON may be nested. Nobody writes 64 levels; PostgreSQL's and V8's parsers recurse. */
  jsonDepth: 64,
  /** Values in JSON: each takes up to a hundred bytes in memory, also `{}`. 5,000 prompts have some 200,000. */
  jsonValues: 1_000_000,
  /** All bodies together that the site holds at one time. A small one is always taken. */
  heldBytes: 256 * MiB,
  smallBytes: MiB,
  /** One upload. The largest public preference set has 5 GB. */
  uploadBytes: 20 * GiB,
  /** All that one project's uploads may take. */
  projectUploadBytes: 200 * GiB,
  /** A file that the job of a run brings: a model of 70 billion weights in one file. */
  jobFileBytes: 200 * GiB,
  /** What gzip may unpack to. Texts shrink to a third, repetitive ones to a twentieth. */
  unpackedBytes: 100 * GiB,
  /** By how much gzip may have shrunk a file: DEFLATE's bound is 1,032, and a table of texts has no more than 60. */
  unpackRatio: 200,
  /** Below this much a ratio says nothing. */
  unpackFreeBytes: 64 * MiB,
  /** A gzipped Parquet needs a place to be unpacked to, because its index stands at its end. */
  unpackedFileBytes: 20 * GiB,
  /** A row: parsing takes about four times its size in memory. */
  rowBytes: 16 * MiB,
  /** How deep a row may be nested: threads of replies have some dozens of levels, and whatever reads it recurses. */
  rowDepth: 500,
  /** A file that is one object is parsed whole up to here. */
  documentBytes: 64 * MiB,
  /** Rows of one import. The largest public set of judgements has 20 million. */
  importRows: 50_000_000,
  /** How much of a Parquet row group is decoded at once; decoded text takes two to four times this. */
  parquetBytes: 32 * MiB,
  /**
   * Rows of a Parquet file decoded at once, whatever their size: equal rows take no bytes in the file. Fewer would
   * decode the pages before them again and again.
   */
  parquetRows: 131_072,
  /** The text of a prompt template, which is one row. */
  templateBytes: MiB,
  /** What the preview of uploaded files may take: it reads 64 KiB and fifty rows of each. */
  previewMs: 30 * SECOND,
  previewMemoryMiB: 512,
  /** An import's process: a batch of the longest rows, parsed, and the keys of all rows so far. */
  importMemoryMiB: 3072,
  /** An import's process lets nobody hear of it for so long only where a damaged file keeps its reader without end. */
  importSilenceMs: 120_000,
  /** Mappings that a project keeps: each odd file of its own needs one, and a list is chosen from by eye. */
  savedMappings: 200,
  /** Previews at once; the next waits, as each is a process. */
  previewsAtOnce: 2,
  /** The files of one benchmark, unpacked: they are read whole. MMLU, BBQ and HellaSwag have 8, 40 and 60 MB. */
  benchmarkBytes: 256 * MiB,
  /** What looking at the files of a benchmark may take: parsed, a text has four times its size. */
  benchmarkMemoryMiB: 2048,
  /** Problems that a report keeps in full: by then everybody has understood. The rest is counted. */
  reportedProblems: 10_000,
  reportBytes: 64 * MiB,
  /** Rows left out that are given back as a file. */
  rejectedBytes: 512 * MiB,
  /** What a program sends a model: a context of a million tokens has 4 MB. */
  completionBytes: 8 * MiB,
  /** Prompts or texts in one request to a model. */
  callPrompts: 256,
  /** Requests that wait for models at once, all and of one person: a worker answers one after the other. */
  callsWaiting: 256,
  callsOfPerson: 64,
  /** Requests that one person may send to models in a minute; scoring short texts takes some hundred. */
  callsPerMinute: 3000,
  /** Weights of a model made from nothing, 1 GB of them: it is for trying the loop. */
  newModelParameters: 250_000_000,
} as const;
