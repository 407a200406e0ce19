import Foundation

/// What this process is called among the nodes: its machine, and a number that no other one has.
enum NodeName {
    static let ofThisProcess = "\(host)-\(String(UInt32.random(in: 0...UInt32.max), radix: 36))"

    /// As far as it can stand in a Redis key and in a command line.
    private static var host: String {
        let name = ProcessInfo.processInfo.hostName.split(separator: ".").first ?? "node"
        return String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }.prefix(32))
    }
}
