import Foundation

enum Console {
    /// To the person who waits; figures go to stdout.
    static func say(_ message: String) {
        FileHandle.standardError.write(Data((message + "\n").utf8))
    }
}
