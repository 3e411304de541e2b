// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class SettingsCheckTest {
  private static final String SANDBOX = "https://entra.obolus.test/{tenantid}/v2.0";

  @TempDir Path folder;
  private final Map<String, Object> settings = new LinkedHashMap<>();
  private final Map<String, Object> variables = new LinkedHashMap<>();

  @BeforeEach
  void aSafeGateway() throws IOException {
    settings.put("server.address", "127.0.0.1");
    settings.put("obolus.identity.tenants", "0b010500-0000-4000-8000-000000000001");
    settings.put("obolus.identity.audiences", "0b010500-0000-4000-8000-0000000000a1");
    settings.put("obolus.audit.root-key-file", file("root.key", "rw-------"));
    settings.put("obolus.audit.value-key-file", file("value.key", "rw-------"));
    settings.put("obolus.audit.password-file", file("gateway.password", "r--------"));
  }

  @Test
  void safeSettingsAreNotFaulted() {
    assertThat(faults()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          obolus.obo.client-secret                 | s3cret           | obolus.obo.client-secret holds a secret itself
          obolus.audit.password                    | s3cret           | obolus.audit.password holds a secret itself
          obolus.audit.root-key                    | s3cret           | obolus.audit.root-key holds a secret itself
          server.ssl.key-store-password            | s3cret           | server.ssl.key-store-password holds a secret itself
          server.ssl.certificate-private-key       | s3cret           | server.ssl.certificate-private-key holds a secret itself
          server.ssl.certificate-private-key       | file:/nowhere/k  | server.ssl.certificate-private-key names no file
          obolus.audit.root-key-file               | /nowhere/root    | obolus.audit.root-key-file names no file
          obolus.identity.tenants                  | contoso          | not a lower-case GUID
          obolus.identity.issuer                   | https://x/v2.0   | obolus.identity.issuer is not an https address
          obolus.operator.audience                 | 0b010500-0000-4000-8000-0000000000a1 | it must be its own
          server.address                           | 0.0.0.0          | server.address is not loopback
          server.ssl.enabled-protocols             | TLSv1.1,TLSv1.2  | server.ssl.enabled-protocols allows less
          jdk.tls.client.protocols                 | TLSv1            | jdk.tls.client.protocols allows less
          spring.ssl.bundle.pem.peers.options.enabled-protocols    | TLSv1.1,TLSv1.3 | options.enabled-protocols allows less
          spring.ssl.bundle.jks.peers.options.enabled-protocols[1] | TLSv1.1         | options.enabled-protocols[1] allows less
          spring.ssl.bundle.jks.peers.protocol     | TLSv1.1          | spring.ssl.bundle.jks.peers.protocol allows less
          obolus.identity.authority                | http://login.example | obolus.identity.authority is plain http
          obolus.connectors.databricks-sales.host  | http://dbx.example   | obolus.connectors.databricks-sales.host is plain http
          obolus.policy.facts                      | /etc/facts       | only a demo loads policy from a folder
          spring.http.codecs.log-request-details   | true             | writes headers to the log
          jdk.httpclient.HttpClient.log            | headers          | writes headers to the log
          """)
  void eachUnsafeSettingIsNamed(String name, String value, String sentence) {
    settings.put(name, value);
    assertThat(faults()).singleElement().asString().contains(sentence).doesNotContain("s3cret");
  }

  @ParameterizedTest
  @CsvSource({
    "OBOLUS_AUDIT_ROOTKEY",
    "OBOLUS_AUDIT_ENROLMENTKEY",
    "OBOLUS_OBO_CLIENT_SECRET",
    "OBOLUS_AUDIT_PASSWORD"
  })
  void aSecretInTheEnvironmentIsNamed(String variable) {
    variables.put(variable, "s3cret");
    assertThat(faults()).singleElement().asString().startsWith(variable + " holds a secret");
  }

  @Test
  void aPrivateKeyInAFileOfItsOwnIsFineAndOneThatOthersMayReadIsNamed() throws IOException {
    settings.put("server.ssl.certificate-private-key", "file:" + file("own.key", "rw-------"));
    assertThat(faults()).isEmpty();
    settings.put("server.ssl.certificate-private-key", "file:" + file("open.key", "rw-r--r--"));
    assertThat(faults()).singleElement().asString().contains("private-key", "chmod 600");
  }

  @Test
  void tlsOfTodayIsFine() {
    settings.put("server.ssl.enabled-protocols", "TLSv1.2,TLSv1.3");
    settings.put("spring.ssl.bundle.pem.peers.options.enabled-protocols", "TLSv1.3");
    settings.put("spring.ssl.bundle.pem.peers.protocol", "TLS");
    assertThat(faults()).isEmpty();
  }

  @Test
  void aFileNamedByTheEnvironmentIsFine() {
    variables.put("OBOLUS_AUDIT_PASSWORD_FILE", settings.remove("obolus.audit.password-file"));
    assertThat(faults()).isEmpty();
  }

  @Test
  void aSecretThatOthersMayReadIsNamed() throws IOException {
    settings.put("obolus.obo.client-secret-file", file("gateway-client.secret", "rw-r--r--"));
    assertThat(faults()).singleElement().asString().contains("client-secret-file", "chmod 600");
  }

  @Test
  void theLogsKeysMayBeInAVaultInsteadOfFiles() throws IOException {
    settings.remove("obolus.audit.root-key-file");
    settings.remove("obolus.audit.value-key-file");
    settings.put(
        "obolus.audit.vault.root",
        "https://ours.vault.azure.net/secrets/root/0123456789abcdef0123456789abcdef");
    settings.put("obolus.audit.vault.value-key", "https://ours.vault.azure.net/keys/kek");
    assertThat(faults()).singleElement().asString().contains("give one of obolus.azure.");
    settings.put("obolus.azure.managed-identity", "system");
    assertThat(faults()).isEmpty();
    settings.put("obolus.audit.root-key-file", file("other.key", "rw-------"));
    assertThat(faults()).singleElement().asString().contains("are both set");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          root      | https://ours.vault.azure.net/secrets/root                                  | with its version
          root      | https://ours.vault.azure.net/keys/root/0123456789abcdef0123456789abcdef    | not the identifier of a secret
          root      | https://ours.vault.azure.cn/secrets/root/0123456789abcdef0123456789abcdef  | not a vault of this cloud
          root      | https://vault.example.com/secrets/root/0123456789abcdef0123456789abcdef    | not a vault of this cloud
          value-key | https://ours.vault.azure.net/keys/kek/0123456789abcdef0123456789abcdef     | without a version
          """)
  void anIdentifierThatIsNoneOfThisCloudsIsNamed(String name, String value, String sentence) {
    settings.put("obolus.azure.managed-identity", "system");
    settings.remove(
        name.equals("root") ? "obolus.audit.root-key-file" : "obolus.audit.value-key-file");
    settings.put("obolus.audit.vault." + name, value);
    assertThat(faults()).singleElement().asString().contains("vault." + name, sentence);
  }

  @Test
  void aRootKeyInPkcs12NeedsItsPasswordInAFile() throws IOException {
    settings.put("obolus.audit.root-key-file", file("root.p12", "rw-------"));
    assertThat(faults()).singleElement().asString().contains("root-key-password-file is not set");
    settings.put("obolus.audit.root-key-password-file", file("root.password", "rw-------"));
    assertThat(faults()).isEmpty();
  }

  @Test
  void aGatewayWhoseKeysAreIssuedHoldsNoOther() throws IOException {
    settings.put("obolus.audit.enrolment-key-file", file("mine.key", "rw-------"));
    settings.put("obolus.audit.public-keys-file", file("checkpoint.pub", "rw-r--r--"));
    settings.put("obolus.audit.checkpoint-key-file", file("checkpoint.key", "rw-------"));
    assertThat(faults())
        .hasSize(2)
        .allMatch(fault -> fault.contains("leave it to the log's signer"))
        .anyMatch(fault -> fault.startsWith("obolus.audit.root-key-file is set beside"))
        .anyMatch(fault -> fault.startsWith("obolus.audit.checkpoint-key-file is set beside"));
    settings.remove("obolus.audit.root-key-file");
    settings.remove("obolus.audit.checkpoint-key-file");
    assertThat(faults()).isEmpty();
    settings.put("obolus.audit.public-keys-file", "/keys/nowhere.pub");
    assertThat(faults()).singleElement().asString().contains("cannot be read: /keys/nowhere.pub");
    settings.remove("obolus.audit.public-keys-file");
    assertThat(faults())
        .singleElement()
        .asString()
        .contains("obolus.audit.public-keys-file", "second_person_required", "keygen --public");
  }

  @Test
  void everythingIsToldAtOnce() {
    settings.remove("obolus.audit.root-key-file");
    settings.remove("obolus.identity.tenants");
    settings.put("server.address", "0.0.0.0");
    assertThat(faults()).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({
    "obolus.connectors.databricks-sales.host, adb-1.azuredatabricks.net",
    "obolus.connectors.databricks-sales.host, https://adb-1.azuredatabricks.net",
    "obolus.audit.host, db.prod.example",
    "obolus.identity.authority, https://login.microsoftonline.com",
    "obolus.obo.authority, https://login.microsoftonline.com"
  })
  void aGatewayThatTrustsTheSandboxReachesNothingForeign(String name, String value) {
    demo();
    settings.put(name, value);
    assertThat(faults()).singleElement().asString().contains(name, "foreign host");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"adb-1.azuredatabricks.net", "20.50.1.2", "[2001:db8::1]", "db.prod.internal"})
  void aDemoMayNotAllowItselfAHostOfTheRealWorld(String host) {
    demo();
    settings.put("obolus.http-allowed-hosts", "sandbox," + host);
    settings.put("obolus.connectors.databricks-sales.host", "http://" + host);
    assertThat(faults())
        .singleElement()
        .asString()
        .startsWith("obolus.http-allowed-hosts names " + host)
        .contains("demo");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sandbox", "10.1.2.3", "172.16.0.9", "192.168.1.4", "[fd00::2]"})
  void aDemoMayAllowItselfWhatIsNear(String host) {
    demo();
    settings.put("obolus.http-allowed-hosts", host);
    settings.put("obolus.connectors.databricks-sales.host", "http://" + host + ":8082");
    assertThat(faults()).isEmpty();
  }

  @Test
  void aDemoMayLoadFactsAndReachHostsThatWereNamed() {
    demo();
    settings.put("obolus.policy.facts", "/facts");
    settings.put("obolus.audit.host", "postgres");
    settings.put("obolus.http-allowed-hosts", "postgres,sandbox");
    settings.put("obolus.connectors.databricks-sales.host", "http://sandbox:8082");
    assertThat(faults()).isEmpty();
  }

  @Test
  void aTalkativeLoggerIsNamed() {
    assertThat(new SettingsCheck(environment(), "reactor.netty.http.client"::equals).faults())
        .singleElement()
        .asString()
        .contains("logging.level.reactor.netty.http.client");
  }

  private void demo() {
    settings.put("obolus.identity.issuer", SANDBOX);
    settings.put("obolus.identity.authority", "http://127.0.0.1:8082");
  }

  private List<String> faults() {
    return new SettingsCheck(environment(), _ -> false).faults();
  }

  private StandardEnvironment environment() {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    environment.getPropertySources().addLast(new MapPropertySource("given", settings));
    ConfigurationPropertySources.attach(environment);
    return environment;
  }

  private String file(String name, String mode) throws IOException {
    Path file = folder.resolve(name);
    Path made =
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(mode)).toString();
  }
}
