import FaultSuite
import Foundation
import Glibc

/// One edge: HAProxy, Varnish behind it, and keepalived, which holds the virtual address when HAProxy serves.
final class Edge: Sendable {
    let host: Host
    let haproxy: Supervised
    let varnish: Supervised
    let keepalived: Supervised
    private let vip: String

    init(on host: Host, topology: Topology) {
        self.host = host
        vip = topology["VIP"]
        haproxy = Supervised(
            .init(
                name: "haproxy", command: ["/usr/sbin/haproxy", "-W", "-f", "/etc/haproxy/haproxy.cfg", "-p", "/run/haproxy.pid"],
                startPost: [["/etc/keepalived/track.sh", "up"]], stopPost: [["/etc/keepalived/track.sh", "down"]]),
            on: host)
        varnish = Supervised(
            .init(
                name: "varnish",
                command: [
                    "/usr/sbin/varnishd", "-F", "-j", "unix,user=vcache", "-n", "/run/varnish/sales", "-a",
                    "sales=/run/varnish/sales.sock,PROXY,user=vcache,group=haproxy,mode=660", "-f", "/etc/varnish/sales.vcl", "-s", "malloc,64m",
                    "-s",
                    "Transient=malloc,64m", "-p", "default_ttl=0",
                ]),
            on: host)
        keepalived = Supervised(
            .init(
                name: "keepalived",
                command: [
                    "/usr/sbin/keepalived", "--dont-fork", "--log-console", "--use-file", "/etc/keepalived/keepalived.conf", "--pid",
                    "/run/keepalived/keepalived.pid", "--vrrp_pid", "/run/keepalived/vrrp.pid",
                ],
                startPre: [["/etc/keepalived/release.sh"]]),
            on: host)
    }

    var name: String { host.name }

    func start() async throws {
        try await host.mustRun([
            "/bin/sh", "-c",
            "install -d -o haproxy -g haproxy /run/haproxy /var/lib/haproxy; install -d -o vcache -g varnish -m 755 /run/varnish; install -d /run/keepalived /var/lib/keepalived",
        ])
        try await varnish.start()
        try await haproxy.start()
        try await keepalived.start()
    }

    /// Whether the virtual address stands on its interface.
    func holdsAddress() async throws -> Bool {
        try await host.run(["ip", "-o", "addr", "show"]).data.contains(" \(vip)/")
    }

    /// A seamless reload, as its unit does it.
    func reload() async throws {
        try await host.mustRun(["/etc/haproxy/save-state.sh"])
        haproxy.signal(SIGUSR2)
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
