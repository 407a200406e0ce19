import FaultSuite
import Foundation
import LoadClient
import LoadSupport
import NIOHTTP1

/// Logs, figures and alerts of all hosts: collectors and exporters everywhere, Prometheus and
/// Alertmanager on `ops`, and somebody whom alerts are told to.
final class Watch: Sendable {
    private let shop: Shop
    private let ops: Host
    private let topology: Topology

    init(_ shop: Shop) {
        self.shop = shop
        ops = shop.ops
        topology = shop.lab.topology
    }

    /// What alerts were told: a line for each, in the order in which they came.
    private static let told = "alerts.log"

    func start() async throws {
        let prepare = """
            install -d /var/lib/rsyslog /var/log/seckill
            install -d -o prometheus -g prometheus /var/lib/prometheus /var/lib/prometheus/metrics2 /var/lib/prometheus/alertmanager /var/lib/prometheus/node-exporter
            """
        for host in shop.hosts { try await host.mustRun(["/bin/sh", "-c", prepare]) }
        try Data("nameserver \(ops.address)\n".utf8).write(to: URL(filePath: "\(ops.etc)/resolv.conf"))
        _ = try ops.start(["/usr/sbin/rsyslogd", "-n", "-iNONE", "-f", "/etc/rsyslog.d/60-seckill-collect.conf"], log: "rsyslog.log")
        for host in shop.hosts where host !== ops {
            _ = try host.start(["/usr/sbin/rsyslogd", "-n", "-iNONE", "-f", "/etc/rsyslog.d/40-seckill-forward.conf"], log: "rsyslog.log")
        }
        for host in shop.hosts { try startExporters(on: host) }
        // Answers before it has read: whoever asks closes then, and all of it is there.
        let listener = """
            #!/bin/sh
            printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n'
            cat >>/var/log/\(Self.told)
            echo >>/var/log/\(Self.told)

            """
        try Data(listener.utf8).write(to: URL(filePath: "\(ops.etc)/told.sh"))
        _ = try ops.start(["socat", "TCP-LISTEN:9099,fork,reuseaddr", "EXEC:/bin/sh /etc/told.sh"], log: "webhook.log")
        for service in ["prometheus-alertmanager", "prometheus"] { try start(service, on: ops) }
        guard try await eventually(within: .seconds(30), { try await self.query("count(up == 1)") > 10 }) else {
            throw SetupFailure("Prometheus does not see the hosts: \((try? await query("count(up == 1)")) ?? -1) targets are up")
        }
    }

    private func startExporters(on host: Host) throws {
        try start("prometheus-node-exporter", on: host)
        if host.name.hasPrefix("redis") {
            try start("prometheus-redis-exporter", on: host)
        } else if host.name.hasPrefix("pg") {
            try start("prometheus-postgres-exporter", on: host)
        } else if host.name.hasPrefix("edge") {
            try start("prometheus-varnish-exporter", on: host, as: .member(user: "prometheus", group: "varnish"))
        }
    }

    private func start(_ service: String, on host: Host, as account: Host.Account = .user("prometheus")) throws {
        let unit = try Supervised.Unit(service, on: host)
        _ = try host.start(unit.command, as: account, environment: unit.environment, log: "\(service).log")
    }

    /// The value of an expression that has one; -1 when it has none.
    func query(_ expression: String) async throws -> Double {
        let encoded = expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try? await WebClient.shared.send(
            .GET, "http://\(ops.address):\(topology["PROMETHEUS_PORT"])/api/v1/query?query=\(encoded)", headers: [("Connection", "close")])
        guard let data = answer?.json["data"] as? [String: Any], let results = data["result"] as? [[String: Any]],
            let value = results.first?["value"] as? [Any], let text = value.last as? String
        else { return -1 }
        return Double(text) ?? -1
    }

    /// Alerts that fire now, by name.
    func firing() async throws -> Set<String> {
        let answer = try? await WebClient.shared.send(
            .GET, "http://\(ops.address):\(topology["PROMETHEUS_PORT"])/api/v1/alerts", headers: [("Connection", "close")])
        guard let data = answer?.json["data"] as? [String: Any], let alerts = data["alerts"] as? [[String: Any]] else { return [] }
        return Set(alerts.filter { $0["state"] as? String == "firing" }.compactMap { ($0["labels"] as? [String: String])?["alertname"] })
    }

    /// Whether somebody was told of `alert`, in this state.
    func wasTold(_ alert: String, _ state: String) -> Bool {
        let text = (try? String(contentsOfFile: "\(ops.log)/\(Self.told)", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").contains { line in
            guard let start = line.firstIndex(of: "{"),
                let body = try? JSONSerialization.jsonObject(with: Data(line[start...].utf8)) as? [String: Any],
                let alerts = body["alerts"] as? [[String: Any]]
            else { return false }
            return alerts.contains { ($0["labels"] as? [String: String])?["alertname"] == alert && $0["status"] as? String == state }
        }
    }

    /// What an operator finds by the id of a request, an order or a sale.
    func find(_ kind: String, _ id: String) async throws -> [String] {
        try await ops.run([topology.deployment + "/logs/find.sh", kind, id]).data.split(separator: "\n").map(String.init)
    }
}
