/// One request, as `rivals/pages.lua` sends it again and again, and the status that is right.
struct PageRequest: Sendable {
    var method: String
    var path: String
    /// Header lines without their ends.
    var lines: [String]
    var status: Int

    init(_ method: String, _ path: String, _ lines: [String], _ status: Int) {
        self.method = method
        self.path = path
        self.lines = lines
        self.status = status
    }

    /// The script's arguments.
    var words: [String] { [method, path] + lines }

    /// For a connection of its own.
    var text: String {
        (["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
    }
}
