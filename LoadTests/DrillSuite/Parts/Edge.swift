import FaultSuite
import Foundation
import Glibc
import LoadSupport

/// One edge: HAProxy with Varnish behind it, or nginx in place of both; and keepalived, which holds
/// the virtual address while one of them serves.
final class Edge: Sendable {
    let host: Host
    let haproxy: Supervised
    let varnish: Supervised
    let nginx: Supervised
    let keepalived: Supervised
    private let vip: String

    init(on host: Host, topology: Topology) throws {
        self.host = host
        vip = topology["VIP"]
        haproxy = try Supervised(
            .init("haproxy", on: host, command: ["/usr/sbin/haproxy", "-W", "-f", "/etc/haproxy/haproxy.cfg", "-p", "/run/haproxy.pid"]), on: host)
        varnish = try Supervised(.init("varnish", on: host), on: host)
        nginx = try Supervised(.init("nginx", on: host, command: ["/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf", "-g", "daemon off;"]), on: host)
        keepalived = try Supervised(
            .init(
                "keepalived", on: host,
                command: [
                    "/usr/sbin/keepalived", "--dont-fork", "--log-console", "--use-file", "/etc/keepalived/keepalived.conf", "--pid",
                    "/run/keepalived/keepalived.pid", "--vrrp_pid", "/run/keepalived/vrrp.pid",
                ]),
            on: host)
    }

    var name: String { host.name }

    func start() async throws {
        try await host.mustRun([
            "/bin/sh", "-c",
            "install -d -o haproxy -g haproxy /run/haproxy /var/lib/haproxy; install -d -o vcache -g varnish -m 755 /run/varnish; install -d /var/lib/nginx /var/log/nginx; install -d /run/keepalived /var/lib/keepalived",
        ])
        try await varnish.start()
        try await haproxy.start()
        try await keepalived.start()
    }

    /// Whether the virtual address stands on its interface.
    func holdsAddress() async throws -> Bool {
        try await host.run(["ip", "-o", "addr", "show"]).data.contains(" \(vip)/")
    }

    /// nginx takes HAProxy's place: their units conflict.
    func serveByNginx() async throws {
        try await haproxy.stop()
        try await givesAddressAway()
        try await nginx.start()
    }

    func serveByHAProxy() async throws {
        try await nginx.stop()
        try await givesAddressAway()
        try await haproxy.start()
    }

    /// What follows an end of either must not meet the start of the other.
    private func givesAddressAway() async throws {
        let isGiven = try await eventually(within: .seconds(5)) { try await host.run(["cat", "/run/keepalived/edge_down"]).data.hasPrefix("1") }
        guard isGiven else { throw SetupFailure("\(name) keeps the address although nothing serves there") }
    }

    /// A seamless reload of whatever serves, as its unit does it. Returns when a new worker is
    /// there.
    func reload() async throws {
        let old = try await worker()
        if nginx.isRunning {
            nginx.signal(SIGHUP)
        } else {
            try await host.mustRun(["/etc/haproxy/save-state.sh"])
            haproxy.signal(SIGUSR2)
        }
        let isNew = try await eventually(within: .seconds(3), every: .milliseconds(50)) { (try? await worker()).map { $0 != old } ?? false }
        guard isNew else { throw SetupFailure("\(name): a reload brings no new worker") }
    }

    /// The newest process that serves, by its id.
    private func worker() async throws -> String {
        guard !nginx.isRunning else { return try await host.mustRun(["pgrep", "--newest", "--parent", "\(nginx.pid ?? 0)"]) }
        return try await ask("show info").split(separator: "\n").first { $0.hasPrefix("Pid:") }.map(String.init) ?? ""
    }

    /// What HAProxy says to a command of its runtime API.
    func ask(_ command: String) async throws -> String {
        try await host.mustRun(["/bin/sh", "-c", "socat -T2 - UNIX-CONNECT:/run/haproxy/admin.sock"], input: command + "\n")
    }

    /// Nodes that HAProxy sends purchases to.
    func nodesUp() async throws -> [String] {
        let rows = try await ask("show stat").split(separator: "\n")
        guard let head = rows.first?.dropFirst(2).split(separator: ",", omittingEmptySubsequences: false),
            let status = head.firstIndex(of: "status"), let address = head.firstIndex(of: "addr")
        else { return [] }
        return rows.dropFirst().compactMap { row in
            let columns = row.split(separator: ",", omittingEmptySubsequences: false)
            guard columns.count > max(status, address), columns[0] == "buy", columns[status].hasPrefix("UP") else { return nil }
            // The backend's own row has no address.
            return columns[address].isEmpty ? nil : String(columns[address])
        }
    }
}
