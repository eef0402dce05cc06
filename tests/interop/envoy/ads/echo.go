// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/base64"
	"net"
	"strings"
)

// serveEcho answers every request with the head it received, in base64 in a header, byte by byte as
// it came. Requests must have no body.
func serveEcho(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go echo(connection)
	}
}

func echo(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for {
		var head strings.Builder
		for {
			line, err := reader.ReadString('\n')
			if err != nil {
				return
			}
			if line == "\r\n" {
				break
			}
			head.WriteString(line)
		}
		answer := "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-one: peer\r\nx-two: peer\r\nx-echo: " +
			base64.StdEncoding.EncodeToString([]byte(head.String())) + "\r\n\r\n"
		if _, err := connection.Write([]byte(answer)); err != nil {
			return
		}
	}
}
