// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.cli;

import dev.obolus.audit.export.Cursor;
import dev.obolus.audit.export.FileSink;
import dev.obolus.audit.export.Format;
import dev.obolus.audit.export.HttpSink;
import dev.obolus.audit.export.LogSource;
import dev.obolus.audit.export.LogStream;
import dev.obolus.audit.export.Sink;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Sends records to a file or a collector as they are written, from where it left off. */
@Command(
    name = "stream",
    mixinStandardHelpOptions = true,
    description = "Send records to a file or a collector as they are written, at least once each.")
final class StreamCommand implements Callable<Integer> {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CONNECTING = Duration.ofSeconds(10);

  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Option(names = "--format", defaultValue = "OCSF", description = "ocsf (default), cef, evidence")
  private Format format = Format.OCSF;

  @Option(names = "--cursor", required = true, description = "a file that remembers the place")
  private Path cursor = Path.of("");

  @ArgGroup(multiplicity = "1")
  private Target target = new Target();

  /** One of them. */
  static final class Target {
    @Option(names = "--to-file", description = "append to this file")
    @Nullable Path file;

    @Option(names = "--to-url", description = "post lines to this address")
    @Nullable URI url;

    @Option(
        names = "--to-azure",
        description =
            "the address of an Azure Monitor data collection endpoint, such as"
                + " https://HOST/dataCollectionRules/ID/streams/NAME")
    @Nullable URI azure;
  }

  @Mixin private AzureOptions azure = new AzureOptions();

  @Option(
      names = "--token-file",
      description =
          "a bearer token for it, read at each call; Azure Monitor's is asked for in our own name"
              + " if there is none")
  private Optional<Path> tokenFile = Optional.empty();

  @Option(names = "--once", description = "send what there is, then end")
  private boolean once;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Unavailable, InterruptedException {
    try (Connection connection = database.connect();
        HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECTING).build();
        OwnTokens own = new OwnTokens(azure)) {
      LogStream stream =
          new LogStream(new LogSource(connection), format, sink(client, own), Cursor.in(cursor));
      long sent = stream.round();
      while (!once) {
        Thread.sleep(PAUSE);
        sent += stream.round();
      }
      spec.commandLine().getOut().println(sent + " records sent");
      return ObolusCli.DONE;
    } catch (SQLException e) {
      throw Unavailable.reading("the log", e);
    } catch (IOException e) {
      String why = Objects.requireNonNullElse(e.getMessage(), "no answer from where it goes");
      throw new Unavailable("the stream has ended: " + why, e);
    }
  }

  private Sink sink(HttpClient client, OwnTokens own) throws Unavailable {
    if (target.file != null) {
      return new FileSink(target.file);
    }
    if (target.azure != null) {
      if (format == Format.CEF) {
        throw new ParameterException(spec.commandLine(), "Azure Monitor takes JSON, not CEF");
      }
      URI address = URI.create(target.azure + "?api-version=2023-01-01");
      return new HttpSink(
          client,
          address,
          tokenFile.isPresent() ? bearer() : own.forIngestion(address),
          HttpSink.Body.ARRAY);
    }
    if (target.url == null) {
      throw new ParameterException(spec.commandLine(), "where to is missing");
    }
    return new HttpSink(client, target.url, bearer(), HttpSink.Body.LINES);
  }

  private HttpSink.Bearer bearer() {
    return tokenFile.map(HttpSink.Bearer::inFile).orElse(HttpSink.Bearer.NONE);
  }
}
