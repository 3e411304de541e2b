// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.export;

import dev.obolus.audit.AuditRecord;
import dev.obolus.audit.ChainId;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes the log as it stands into a new file, with a manifest of what is in it. Blocks.
 *
 * <p>The manifest is text, to be signed as a note: the file's digest, and of each chain the first
 * and last record with the last MAC, so that a record left out of the file is missed, and the
 * newest record that the newest checkpoint covers, so that nobody takes it to cover more; of each
 * prune in the file the log's note, and which of the two people's words for it are other tenants'
 * records and therefore not in the file.
 */
public final class FileExport {
  /** The first line of a manifest: no log's origin, so that none is taken for a checkpoint. */
  public static final String MANIFEST = "obolus-export/v1";

  private static final int PAGE = 1_000;
  private static final String PRUNED = "OBO3004A";
  private static final Pattern PLACE = Pattern.compile("([0-9a-f]{32}) ([0-9]{1,18})");

  private final LogSource source;
  private final Format format;
  private final Set<String> tenants;
  private final Map<LogSource.At, Optional<String>> prunes = new LinkedHashMap<>();

  /**
   * @param tenants whose records are written, with those of no tenant; empty for everybody's
   */
  public FileExport(LogSource source, Format format, Set<String> tenants) {
    this.source = source;
    this.format = format;
    this.tenants = Set.copyOf(tenants);
  }

  /** What was written. */
  public record Exported(long records, String manifest) {}

  /** Fails if the file exists. */
  public Exported to(Path file) throws IOException, SQLException {
    MessageDigest sha256 = sha256();
    Map<ChainId, String> chains = new LinkedHashMap<>();
    long written = 0;
    try (OutputStream bytes =
            new DigestOutputStream(
                Files.newOutputStream(file, StandardOpenOption.CREATE_NEW), sha256);
        BufferedWriter out =
            new BufferedWriter(new OutputStreamWriter(bytes, StandardCharsets.UTF_8))) {
      for (Map.Entry<ChainId, Long> head : source.heads().entrySet()) {
        OneChain chain = new OneChain(head.getKey(), head.getValue());
        chain.write(out);
        written += chain.written;
        String _ = chains.put(head.getKey(), chain.line());
      }
    }
    return new Exported(written, manifest(file, sha256, written, chains));
  }

  private String manifest(
      Path file, MessageDigest sha256, long written, Map<ChainId, String> chains)
      throws SQLException {
    List<String> lines = new ArrayList<>();
    lines.add(MANIFEST);
    lines.add("file " + file.getFileName());
    lines.add("sha256 " + HexFormat.of().formatHex(sha256.digest()));
    lines.add("format " + format.name().toLowerCase(java.util.Locale.ROOT));
    lines.add(
        "tenants "
            + (tenants.isEmpty() ? "*" : String.join(" ", tenants.stream().sorted().toList())));
    lines.add("records " + written);
    lines.addAll(chains.values());
    for (Map.Entry<LogSource.At, Optional<String>> prune : prunes.entrySet()) {
      source
          .pruneNote(prune.getKey())
          .ifPresent(note ->
              lines.add(
                  "prune "
                      + place(prune.getKey())
                      + " "
                      + Fields.base64(note.getBytes(StandardCharsets.UTF_8))));
    }
    for (LogSource.At word : outside()) {
      lines.add("outside " + place(word));
    }
    Optional<LogSource.Checkpoint> checkpoint = source.checkpoint();
    if (checkpoint.isPresent()) {
      for (ChainId chain : chains.keySet()) {
        lines.add("covered " + chain + " " + source.covered(chain, checkpoint.get().size()));
      }
      byte[] note = checkpoint.get().note().getBytes(StandardCharsets.UTF_8);
      lines.add("checkpoint " + Fields.base64(note));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String place(LogSource.At record) {
    return record.chain() + " " + record.seq();
  }

  /** What was said of these prunes that is in the log and, as another tenant's, not in the file. */
  private Set<LogSource.At> outside() throws SQLException {
    Set<LogSource.At> outside = new LinkedHashSet<>();
    for (Optional<String> places : prunes.values()) {
      Matcher place = PLACE.matcher(places.orElse(""));
      while (place.find()) {
        LogSource.At word =
            new LogSource.At(ChainId.parse(place.group(1)), Long.parseLong(place.group(2)));
        if (source.tenant(word).filter(whose -> !written(whose)).isPresent()) {
          boolean _ = outside.add(word);
        }
      }
    }
    return outside;
  }

  private boolean written(String tenant) {
    return tenants.isEmpty() || tenant.equals("-") || tenants.contains(tenant);
  }

  /** One chain on its way into the file. */
  private final class OneChain {
    private final ChainId id;
    private final long to;
    private long at;
    private long written;
    private String mac = "-";

    OneChain(ChainId id, long to) {
      this.id = id;
      this.to = to;
    }

    void write(BufferedWriter out) throws IOException, SQLException {
      while (at < to) {
        List<AuditRecord> page = source.after(id, at, (int) Math.min(PAGE, to - at));
        if (page.isEmpty()) {
          return;
        }
        for (AuditRecord record : page) {
          if (written(record.tenant())) {
            out.write(format.line(record));
            out.write('\n');
            written++;
            note(record);
          }
        }
        at = page.getLast().seq();
        mac = page.getLast().mac().hex();
      }
    }

    private void note(AuditRecord record) {
      if (record.code().equals(PRUNED)) {
        Optional<String> _ =
            prunes.put(new LogSource.At(id, record.seq()), Fields.text(record, "proposal"));
      }
    }

    String line() {
      return "chain " + id + " records " + written + " last " + at + " " + mac;
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
