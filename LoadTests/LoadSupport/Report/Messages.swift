import Foundation

package enum Messages {
    /// To the person who waits, on standard error; figures go to standard output.
    package static func say(_ message: String) {
        FileHandle.standardError.write(Data((message + "\n").utf8))
    }
}
