// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.console;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** The operator console. */
@SpringBootApplication
@EnableConfigurationProperties({ConsoleSettings.class, OperatorSettings.class})
public class ConsoleApplication {

  static void main(String[] args) {
    SpringApplication.run(ConsoleApplication.class, args);
  }
}
