// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.sandbox.postgres;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One PostgreSQL cluster on 127.0.0.1, with the settings that an audit log needs: {@code fsync},
 * {@code full_page_writes} and {@code synchronous_commit} on, data checksums, SCRAM passwords for
 * everybody. Its data outlives it: starting again on the same folder continues.
 *
 * <p>A server that an earlier, killed run left on the folder is stopped first. The server runs in a
 * session of its own, so that Ctrl-C in a terminal does not reach it before its clients are done.
 */
public final class PostgresServer implements AutoCloseable {
  private static final String SUPERUSER = "postgres";
  private static final String LOOPBACK = "127.0.0.1";
  private static final int START_SECONDS = 60;
  private static final List<String> DURABLE =
      List.of("fsync", "synchronous_commit", "full_page_writes");

  private final Path data;
  private final int port;
  private final String password;

  private PostgresServer(Path data, int port, String password) {
    this.data = data;
    this.port = port;
    this.password = password;
  }

  /**
   * Starts a server, creating the cluster if the folder does not hold one.
   *
   * @param dataDir the cluster's folder; created, 0700
   * @param port 0 picks a free one
   * @param superuserPasswordFile read, or made with a random password (0600) for a new cluster
   */
  public static PostgresServer start(Path dataDir, int port, Path superuserPasswordFile)
      throws IOException {
    Path data = dataDir.toAbsolutePath().normalize();
    String password = passwordIn(superuserPasswordFile);
    stopLeftover(data);
    requireWholeOrNothing(data);
    if (!Files.exists(data.resolve("PG_VERSION"))) {
      initialise(data, superuserPasswordFile);
    }
    int chosen = port == 0 ? freePort() : port;
    run(
        START_SECONDS,
        "pg_ctl",
        "start",
        "-w",
        "-t",
        Integer.toString(START_SECONDS),
        "-D",
        data.toString(),
        "-l",
        data.resolve("server.log").toString(),
        "-o",
        "-p " + chosen);
    var server = new PostgresServer(data, chosen, password);
    server.requireDurable();
    return server;
  }

  /** Asks the server itself: its settings may have been changed in the folder or by hand. */
  private void requireDurable() throws IOException {
    try (Connection connection = connect(SUPERUSER);
        PreparedStatement show = connection.prepareStatement("SELECT current_setting(?)")) {
      for (String setting : DURABLE) {
        show.setString(1, setting);
        try (ResultSet rows = show.executeQuery()) {
          if (!rows.next() || !"on".equals(rows.getString(1))) {
            stop();
            throw new IOException(
                "the PostgreSQL in "
                    + data
                    + " runs with "
                    + setting
                    + " off: it could lose what"
                    + " it acknowledged. Set it to on in postgresql.conf and postgresql.auto.conf");
          }
        }
      }
    } catch (SQLException e) {
      stop();
      throw new IOException(
          "the PostgreSQL in " + data + " does not take its administrator's password", e);
    }
  }

  public String host() {
    return LOOPBACK;
  }

  public int port() {
    return port;
  }

  public Path dataDir() {
    return data;
  }

  /** The postmaster's process id. */
  public long pid() throws IOException {
    return runningPid(data).orElseThrow(() -> new IOException("PostgreSQL is not running"));
  }

  public String jdbcUrl(String database) {
    return "jdbc:postgresql://" + LOOPBACK + ":" + port + "/" + database;
  }

  /** A connection as the superuser. */
  public Connection connect(String database) throws SQLException {
    return connect(database, SUPERUSER, password);
  }

  public Connection connect(String database, String user, String userPassword) throws SQLException {
    return DriverManager.getConnection(jdbcUrl(database), user, userPassword);
  }

  /** Creates a login role, or gives an existing one this password. No other rights. */
  public void createRole(String name, String rolePassword) throws SQLException {
    try (Connection connection = connect(SUPERUSER);
        Statement statement = connection.createStatement()) {
      String role = statement.enquoteIdentifier(name, true);
      String verb =
          exists(connection, "SELECT FROM pg_roles WHERE rolname = ?", name) ? "ALTER" : "CREATE";
      statement.execute(
          verb + " ROLE " + role + " LOGIN PASSWORD " + statement.enquoteLiteral(rolePassword));
    }
  }

  /** Creates a database unless it exists; only its owner may connect until others are granted. */
  public void createDatabase(String name, String owner) throws SQLException {
    try (Connection connection = connect(SUPERUSER);
        Statement statement = connection.createStatement()) {
      if (exists(connection, "SELECT FROM pg_database WHERE datname = ?", name)) {
        return;
      }
      String database = statement.enquoteIdentifier(name, true);
      statement.execute(
          "CREATE DATABASE " + database + " OWNER " + statement.enquoteIdentifier(owner, true));
      statement.execute("REVOKE ALL ON DATABASE " + database + " FROM PUBLIC");
    }
  }

  /** Lets these roles connect to the database. */
  public void grantConnect(String database, String... roles) throws SQLException {
    try (Connection connection = connect(SUPERUSER);
        Statement statement = connection.createStatement()) {
      for (String role : roles) {
        statement.execute(
            "GRANT CONNECT ON DATABASE "
                + statement.enquoteIdentifier(database, true)
                + " TO "
                + statement.enquoteIdentifier(role, true));
      }
    }
  }

  /** Stops the server, letting no transaction finish; does nothing if it is not running. */
  public void stop() throws IOException {
    stopLeftover(data);
  }

  /** Ends the server as a power cut would: SIGKILL to the postmaster and to all its children. */
  public void kill() throws IOException {
    ProcessHandle postmaster = ProcessHandle.of(pid()).orElseThrow();
    List<ProcessHandle> family = new ArrayList<>(postmaster.descendants().toList());
    family.addFirst(postmaster);
    family.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle process : family) {
      awaitExit(process);
    }
  }

  @Override
  public void close() throws IOException {
    stop();
  }

  private static boolean exists(Connection connection, String query, String name)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  /** A cluster, or an empty folder, or none: anything else is left alone. */
  private static void requireWholeOrNothing(Path data) throws IOException {
    if (!Files.isDirectory(data)) {
      return;
    }
    boolean cluster = Files.exists(data.resolve("PG_VERSION"));
    boolean whole = cluster && Files.exists(data.resolve("global/pg_control"));
    try (Stream<Path> content = Files.list(data)) {
      if (!whole && content.findAny().isPresent()) {
        throw new IOException(
            data
                + " is only part of a PostgreSQL cluster: something stopped while it was made, or"
                + " took files away. Restore it from a copy, or delete it to start over");
      }
    }
  }

  /** Makes the cluster beside its place and renames it: a half-made one is never used. */
  private static void initialise(Path data, Path passwordFile) throws IOException {
    Path fresh = data.resolveSibling(data.getFileName() + ".new");
    Binaries.deleteTree(fresh);
    Path parent = data.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    run(
        START_SECONDS * 2,
        "initdb",
        "-D",
        fresh.toString(),
        "-U",
        SUPERUSER,
        "--auth=scram-sha-256",
        "--pwfile=" + passwordFile.toAbsolutePath(),
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--data-checksums");
    Files.writeString(fresh.resolve("postgresql.conf"), settings(), StandardOpenOption.APPEND);
    if (Files.isDirectory(data)) {
      Files.delete(data); // an empty folder is in order; anything else fails here, and says so
    }
    Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String settings() {
    return """

    # Obolus: an acknowledged commit is on disk
    fsync = on
    synchronous_commit = on
    full_page_writes = on
    password_encryption = scram-sha-256
    listen_addresses = '127.0.0.1'
    unix_socket_directories = ''
    max_connections = 100
    log_timezone = 'UTC'
    timezone = 'UTC'
    """;
  }

  private static void stopLeftover(Path data) throws IOException {
    Optional<Long> pid = runningPid(data);
    if (pid.isEmpty()) {
      return;
    }
    run(START_SECONDS, "pg_ctl", "stop", "-w", "-m", "fast", "-D", data.toString());
    Optional<ProcessHandle> leaving = ProcessHandle.of(pid.get());
    if (leaving.isPresent()) {
      awaitExit(leaving.get());
    }
  }

  /** The pid in the folder's own pid file, if that process is a PostgreSQL on this folder. */
  private static Optional<Long> runningPid(Path data) throws IOException {
    Path pidFile = data.resolve("postmaster.pid");
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(pidFile);
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    String first = lines.getFirst().strip();
    if (!first.matches("\\d{1,18}")) {
      return Optional.empty();
    }
    long pid = Long.parseLong(first);
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(process -> process.info().command().orElse("postgres").contains("postgres"))
        .map(ProcessHandle::pid);
  }

  private static String passwordIn(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] random = new byte[24];
      new SecureRandom().nextBytes(random);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, HexFormat.of().formatHex(random));
    }
    return Files.readString(file).strip();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(LOOPBACK))) {
      return socket.getLocalPort();
    }
  }

  private static void run(int seconds, String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(Unprivileged.prefix());
    command.add(Binaries.unpacked().resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("obolus-" + program, ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(program + " did not finish in " + seconds + " s");
      }
      if (process.exitValue() != 0) {
        throw new IOException(program + " failed: " + Files.readString(output).strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException(program).initCause(e);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private static void awaitExit(ProcessHandle process) throws IOException {
    try {
      process.onExit().get(START_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("kill").initCause(e);
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new IOException("PostgreSQL did not end", e);
    }
  }
}
