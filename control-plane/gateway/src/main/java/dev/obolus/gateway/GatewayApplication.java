// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.gateway;

import dev.obolus.gateway.doctor.Doctor;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.security.autoconfigure.ReactiveUserDetailsServiceAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.reactive.ReactiveOAuth2ResourceServerAutoConfiguration;

/**
 * The gateway's process; with {@code doctor} as its first word the doctor's, with {@code signer}
 * that of the log's signer.
 */
@SpringBootApplication(
    exclude = {
      ReactiveUserDetailsServiceAutoConfiguration.class,
      ReactiveOAuth2ResourceServerAutoConfiguration.class
    })
public class GatewayApplication {

  public static void main(String[] arguments) {
    List<String> words = List.of(arguments);
    if (words.indexOf("doctor") == 0) {
      System.exit(
          Doctor.examine(words.subList(1, words.size()), AuditConfiguration::database, System.out));
    }
    if (words.indexOf("signer") == 0) {
      Signer.run(words.subList(1, words.size()));
      return;
    }
    SpringApplication.run(GatewayApplication.class, arguments);
  }
}
